# What the Swift toolchain in PATH needs of the system.

swift_programs() { # prints the directory of the toolchain's programs
    dirname "$(realpath "$(command -v swift)")"
}

swift_lacks() { # prints the shared libraries that the compiler, the linker and SwiftPM miss, a line each
    local directory program
    directory=$(swift_programs)
    for program in swift swift-frontend swift-build swift-package swift-test clang lld; do
        [ ! -x "$directory/$program" ] || ldd "$directory/$program" 2>/dev/null || true
    done | sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' | sort -u
}

library_package() { # LIBRARY: prints the package of Debian 12 and 13 that has it, of those that toolchains use
    case $1 in
        libcurl.so.4) echo libcurl4 ;;
        libedit.so.2) echo libedit2 ;;
        libgcc_s.so.1) echo libgcc-s1 ;;
        libncurses.so.6) echo libncurses6 ;;
        libsqlite3.so.0) echo libsqlite3-0 ;;
        libstdc++.so.6) echo libstdc++6 ;;
        libtinfo.so.6) echo libtinfo6 ;;
        libuuid.so.1) echo libuuid1 ;;
        libxml2.so.2) echo libxml2 ;;
        libz.so.1) echo zlib1g ;;
        libz3.so.4) echo libz3-4 ;;
        libpython3.*.so.1.0) echo "${1%.so.1.0}" ;;
    esac
}
