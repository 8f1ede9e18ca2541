# Compile and link options of every target: interface library sma_options.
set(SMA_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
set(SMA_COVERAGE OFF CACHE BOOL "Source-based coverage")

add_library(sma_options INTERFACE)
target_include_directories(sma_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(sma_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
    -Wimplicit-fallthrough -Werror
    -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(sma_options INTERFACE -Wthread-safety -Wno-gnu-zero-variadic-macro-arguments
        "SHELL:-Xclang -fno-pch-timestamp")
endif()
include(CheckCXXSourceCompiles)
check_cxx_source_compiles("#include <version>\n#if _GLIBCXX_RELEASE < 13\n#error\n#endif\nint main() {}" SMA_LIBSTDCXX_13)
if(SMA_LIBSTDCXX_13) # deprecates std::aligned_storage, which Beast uses
    target_compile_options(sma_options INTERFACE -Wno-deprecated-declarations)
endif()
# Asio and Beast are compiled once, in io/ (and asio::ssl in aws/), not in every file that includes them.
target_compile_definitions(sma_options INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    BOOST_ALL_NO_LIB FMT_HEADER_ONLY SPDLOG_FMT_EXTERNAL
    SMA_VERSION="${PROJECT_VERSION}")

if(SMA_SANITIZE)
    target_compile_options(sma_options INTERFACE -fsanitize=${SMA_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(sma_options INTERFACE -fsanitize=${SMA_SANITIZE})
endif()
if(SMA_COVERAGE)
    target_compile_options(sma_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(sma_options INTERFACE -fprofile-instr-generate)
endif()
if(SMA_FUZZ)
    target_compile_options(sma_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(SMA_STATIC)
    target_compile_options(sma_options INTERFACE
        -fPIE -ffunction-sections -fdata-sections
        -fstack-protector-strong -fcf-protection=full -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    target_compile_definitions(sma_options INTERFACE _GLIBCXX_ASSERTIONS)
    target_link_options(sma_options INTERFACE
        -static-pie -Wl,--gc-sections -Wl,--icf=all -Wl,--pack-dyn-relocs=relr -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--build-id=sha1)
endif()
