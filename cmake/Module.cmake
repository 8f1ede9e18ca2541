# One static library and one test binary per module.
#
#   sma_module(NAME [COLD] SOURCES a.cpp ... [DEPS sma_base ...] [PCH <asio.hpp> ...] [TESTS a_test.cpp ...] [TEST_DEPS ...])
#
# COLD: nothing a request from memory touches; the release is built for size there.
# DEPS is the dependency direction of ARCHITECTURE.md; tools/check-layers.py checks the #include lines against it.
function(sma_module name)
    cmake_parse_arguments(arg "COLD" "" "SOURCES;DEPS;PCH;TESTS;TEST_DEPS" ${ARGN})
    add_library(sma_${name} STATIC ${arg_SOURCES})
    target_link_libraries(sma_${name} PUBLIC sma_options Threads::Threads ${arg_DEPS})
    if(arg_COLD)
        target_compile_options(sma_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
    endif()
    if(arg_PCH)
        target_precompile_headers(sma_${name} PRIVATE ${arg_PCH})
    endif()
    if(SMA_TESTS AND arg_TESTS)
        add_executable(${name}_test ${arg_TESTS})
        target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests/support)
        target_link_libraries(${name}_test PRIVATE sma_${name} ${arg_TEST_DEPS} GTest::gtest GTest::gtest_main)
        if(arg_PCH)
            target_precompile_headers(${name}_test PRIVATE ${arg_PCH} <gtest/gtest.h>)
        endif()
        add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(${name} PROPERTIES TIMEOUT 300)
    endif()
endfunction()
