# SPDX-License-Identifier: Apache-2.0
# How rooms, registries and the program are built.

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(tw_flags INTERFACE)
target_compile_definitions(tw_flags INTERFACE _GNU_SOURCE
    TW_VERSION="${PROJECT_VERSION}")
target_compile_options(tw_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
    -Wwrite-strings -Wvla -Wcast-qual)
if(TWINWALL_WERROR)
    target_compile_options(tw_flags INTERFACE -Werror)
endif()
if(TWINWALL_SANITIZE)
    target_compile_options(tw_flags INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(tw_flags INTERFACE -fsanitize=address,undefined)
endif()
if(TWINWALL_FUZZ)
    target_compile_options(tw_flags INTERFACE
        -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    target_link_options(tw_flags INTERFACE -fsanitize=address,undefined)
endif()

macro(tw_find_libraries)
    find_package(PkgConfig REQUIRED)
    find_package(Threads REQUIRED)
    pkg_check_modules(TW_LIBS REQUIRED IMPORTED_TARGET
        yaml-0.1 jansson libxml-2.0 libpcre2-8 libsodium gmp zlib libzstd liblzma
        libxxhash)
    target_link_libraries(tw_flags INTERFACE PkgConfig::TW_LIBS Threads::Threads m)
    # Left out on processors that it does not know; zlib is always there.
    pkg_check_modules(TW_ISAL IMPORTED_TARGET libisal)
    if(TW_ISAL_FOUND)
        target_compile_definitions(tw_flags INTERFACE TW_WITH_ISAL)
        target_link_libraries(tw_flags INTERFACE PkgConfig::TW_ISAL)
        set(TW_OPTIONAL_PC " libisal") # what the installed package needs as well
    else()
        message(STATUS "libisal was not found: gzip is decompressed by zlib, slower")
    endif()
endmacro()

# tw_room(NAME [SUBFOLDERS …] [SEES …] [REGISTRY LIST FOLDER PREFIX …])
# An object library of all .c files of the folder. REGISTRY writes LIST.inc with one
# X(name) per file of FOLDER (a file PREFIXname.c where the prefix is part of file names);
# further triples make further lists.
function(tw_room name)
    cmake_parse_arguments(ROOM "" "" "SUBFOLDERS;SEES;REGISTRY" ${ARGN})
    set(dir ${CMAKE_SOURCE_DIR}/${name})
    set(gen ${CMAKE_BINARY_DIR}/gen/${name})
    file(MAKE_DIRECTORY ${gen})
    file(GLOB files CONFIGURE_DEPENDS ${dir}/*.c)
    set(includes ${dir} ${gen})
    foreach(sub ${ROOM_SUBFOLDERS})
        file(GLOB more CONFIGURE_DEPENDS ${dir}/${sub}/*.c)
        list(APPEND files ${more})
        list(APPEND includes ${dir}/${sub})
    endforeach()
    while(ROOM_REGISTRY)
        list(GET ROOM_REGISTRY 0 1 2 registry)
        list(REMOVE_AT ROOM_REGISTRY 0 1 2)
        tw_registry(${dir} ${gen} ${registry})
    endwhile()
    if(NOT files)
        return()
    endif()
    add_library(tw_${name} OBJECT ${files})
    target_include_directories(tw_${name} PRIVATE ${includes})
    set_target_properties(tw_${name} PROPERTIES TW_INCLUDES "${includes}")
    foreach(below ${ROOM_SEES})
        if(TARGET tw_${below})
            get_target_property(shown tw_${below} TW_INCLUDES)
            target_include_directories(tw_${name} PRIVATE ${shown})
        endif()
    endforeach()
    target_link_libraries(tw_${name} PRIVATE tw_flags)
    set_property(GLOBAL APPEND PROPERTY TW_ROOMS ${name})
endfunction()

function(tw_registry dir gen list folder prefix)
    if(folder STREQUAL ".")
        file(GLOB entries CONFIGURE_DEPENDS RELATIVE ${dir} ${dir}/${prefix}*.c)
    else()
        file(GLOB entries CONFIGURE_DEPENDS RELATIVE ${dir}/${folder}
             ${dir}/${folder}/*.c)
    endif()
    list(SORT entries)
    set(text "")
    foreach(entry ${entries})
        string(REGEX REPLACE "\\.c$" "" entry ${entry})
        if(folder STREQUAL ".")
            string(REGEX REPLACE "^${prefix}" "" entry ${entry})
        endif()
        string(APPEND text "X(${entry})\n")
    endforeach()
    file(CONFIGURE OUTPUT ${gen}/${list}.inc CONTENT "${text}" @ONLY)
endfunction()

# Kernels of the scanner that need more than the baseline of their processor family;
# which one runs is decided when the program runs.
function(tw_kernel_flags)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
        set(scan ${CMAKE_SOURCE_DIR}/postmortem/scan)
        set(avx2 -mavx2 -mbmi -mbmi2 -mpopcnt -mpclmul)
        set_source_files_properties(${scan}/scan_avx2.c PROPERTIES
            COMPILE_OPTIONS "-O3;${avx2}")
        set_source_files_properties(${scan}/scan_avx512.c PROPERTIES
            COMPILE_OPTIONS
            "-O3;${avx2};-mavx512f;-mavx512bw;-mavx512vl;-mavx512vbmi;-mavx512vbmi2")
    endif()
endfunction()

# The objects of the given rooms, for programs and tests.
function(tw_use_rooms target)
    foreach(room ${ARGN})
        if(TARGET tw_${room})
            target_sources(${target} PRIVATE $<TARGET_OBJECTS:tw_${room}>)
            get_target_property(shown tw_${room} TW_INCLUDES)
            target_include_directories(${target} PRIVATE ${shown})
        endif()
    endforeach()
    target_link_libraries(${target} PRIVATE tw_flags)
endfunction()

function(tw_program name)
    if(NOT TARGET tw_cli)
        return()
    endif()
    add_executable(${name} $<TARGET_OBJECTS:tw_cli>)
    tw_use_rooms(${name} base report rules audit postmortem)
endfunction()
