# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts in place: the program with its manual and completions, the
# library with its headers, and how others find it (pkg-config, CMake package).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY TW_ROOMS)
list(REMOVE_ITEM rooms cli)

# The library: every room below cli.
add_library(twinwall_static STATIC)
set_target_properties(twinwall_static PROPERTIES OUTPUT_NAME twinwall)
foreach(room ${rooms})
    target_sources(twinwall_static PRIVATE $<TARGET_OBJECTS:tw_${room}>)
    get_target_property(folders tw_${room} TW_INCLUDES)
    foreach(folder ${folders})
        if(folder MATCHES "^${CMAKE_BINARY_DIR}/")
            continue() # generated registries are no part of the interface
        endif()
        file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.h ${folder}/*.def)
        install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/twinwall)
    endforeach()
endforeach()
set_target_properties(twinwall_static PROPERTIES LINKER_LANGUAGE C)
install(TARGETS twinwall_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

# The schema of the neutral XML of policies.
install(FILES ${CMAKE_SOURCE_DIR}/docs/twinwall-policy.rng
    DESTINATION ${CMAKE_INSTALL_DATADIR}/twinwall)

# The prefix is told from where the file lies, so that an installed tree can be moved.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    set(TW_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
    set(TW_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
else()
    file(RELATIVE_PATH up /at/${CMAKE_INSTALL_LIBDIR}/pkgconfig /at)
    set(TW_PC_PREFIX "\${pcfiledir}/${up}")
    set(TW_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/twinwall.pc.in
    ${CMAKE_BINARY_DIR}/twinwall.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/twinwall.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/twinwall)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/twinwallConfig.cmake.in
    ${CMAKE_BINARY_DIR}/twinwallConfig.cmake
    INSTALL_DESTINATION ${package}
    PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/twinwallConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/twinwallConfig.cmake
    ${CMAKE_BINARY_DIR}/twinwallConfigVersion.cmake DESTINATION ${package})

# The program, and the pages that it writes itself.
if(TARGET twinwall)
    install(TARGETS twinwall RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    set(pages ${CMAKE_BINARY_DIR}/share)
    file(MAKE_DIRECTORY ${pages})
    function(tw_page file folder)
        add_custom_command(OUTPUT ${pages}/${file}
            COMMAND twinwall ${ARGN} > ${pages}/${file}
            DEPENDS twinwall VERBATIM)
        install(FILES ${pages}/${file} DESTINATION ${folder})
        set_property(GLOBAL APPEND PROPERTY TW_PAGES ${pages}/${file})
    endfunction()
    tw_page(twinwall.1 ${CMAKE_INSTALL_MANDIR}/man1 help --man)
    tw_page(twinwall ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        completion bash)
    tw_page(_twinwall ${CMAKE_INSTALL_DATADIR}/zsh/site-functions completion zsh)
    tw_page(twinwall.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        completion fish)
    get_property(made GLOBAL PROPERTY TW_PAGES)
    add_custom_target(twinwall_pages ALL DEPENDS ${made})
endif()
