# SPDX-License-Identifier: Apache-2.0
# Compiles one file that includes HEADER with the include paths PATHS, and holds the
# outcome against EXPECT: compiles, or refused because the header is not found.
string(REPLACE "|" ";" paths "${PATHS}")
set(flags "")
foreach(path ${paths})
    list(APPEND flags -I${path})
endforeach()
file(MAKE_DIRECTORY ${WORK})
file(WRITE ${WORK}/try.c "#include \"${HEADER}\"\nint tw_try(void);\n")
execute_process(
    COMMAND ${CC} -std=gnu11 -D_GNU_SOURCE -fsyntax-only ${flags} ${WORK}/try.c
    RESULT_VARIABLE code ERROR_VARIABLE errors)
if(EXPECT STREQUAL "compiles" AND NOT code EQUAL 0)
    message(FATAL_ERROR "${HEADER} does not compile:\n${errors}")
endif()
if(EXPECT STREQUAL "refused")
    if(code EQUAL 0)
        message(FATAL_ERROR "${HEADER} of a room above compiles here")
    endif()
    if(NOT errors MATCHES "${HEADER}[^\n]*(No such file|file not found)")
        message(FATAL_ERROR "refused for another reason:\n${errors}")
    endif()
endif()
