#!/usr/bin/env bash
# Installs what Myna needs and this machine lacks: Debian packages, and libtorch into .native/.
#
#   Tools/setup.sh          what `make run` and `make test` need
#   Tools/setup.sh clients  the real clients that the tests talk to the server with, as Python packages into .native/clients/
#   Tools/setup.sh voices   the further voices that `myna data synthesise` speaks with
#
# Every step looks first and does nothing where nothing is missing, so that a second run needs no network.
# MYNA_TORCH=DIR uses the libtorch in DIR (a folder with include/ and lib/) instead of fetching one.
set -euo pipefail
cd "$(dirname "$0")/.."

torch_version=2.13.0
native=.native

say() { printf '%s\n' "setup: $*"; }

# The last words of a set-up that can't go on: what is missing, and what to do about it.
stop() {
    printf '%s\n' "setup: $1" "setup: next: $2" >&2
    exit 69
}

# Runs a step and says how long it took; if it fails, shows the end of what it printed, unless that is expected (`attempt`).
step() { run_step "$@"; }
attempt() { quiet=yes run_step "$@"; }
run_step() {
    local title=$1 started=$SECONDS log
    shift
    log=$(mktemp)
    say "$title …"
    if "$@" >"$log" 2>&1 </dev/null; then
        say "$title: done in $((SECONDS - started)) s"
        rm -f "$log"
    else
        [ -n "${quiet:-}" ] || tail -n 20 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

check_swift() {
    command -v swift >/dev/null || stop "there is no swift on PATH" "install Swift 6.3 (swift.org, or its Docker image) and run this again"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    case $version in
        [0-5].* | 6.[0-2]) stop "Swift $version is older than 6.3" "install Swift 6.3 and put it first on PATH" ;;
    esac
}

# The packages among the arguments that dpkg doesn't have.
missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || printf '%s\n' "$package"
    done
}

install_packages() {
    local missing root=()
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || stop "these Debian packages are missing, and installing them needs root: ${missing[*]}" \
            "sudo apt-get install --no-install-recommends ${missing[*]}"
        root=(sudo -n)
    fi
    root+=(env DEBIAN_FRONTEND=noninteractive)
    step "package lists" "${root[@]}" apt-get update -q ||
        say "the package lists could not be refreshed; going on with the ones that are here"
    step "Debian packages ${missing[*]}" "${root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        stop "apt-get could not install ${missing[*]}" "see the lines above; with a network and Debian 12's package sources it works"
}

# The system libraries, as packages where there is dpkg, by name to install by hand elsewhere.
check_libraries() {
    if command -v dpkg-query >/dev/null; then
        install_packages g++ make pkg-config libsndfile1-dev libsoxr-dev portaudio19-dev libespeak-ng-dev espeak-ng libgloo-dev \
            libsqlite3-dev libssl-dev libwebrtc-audio-processing-dev
    elif [ "$(uname)" = Darwin ]; then # untried: nobody has run it on a Mac yet
        command -v brew >/dev/null || stop "there is no Homebrew" "install Homebrew and run this again"
        local formula
        for formula in pkg-config libsndfile libsoxr portaudio espeak-ng openssl@3; do
            brew list "$formula" >/dev/null 2>&1 || step "$formula" brew install --quiet "$formula" ||
                stop "Homebrew could not install $formula" "brew install $formula"
        done
    else
        command -v pkg-config >/dev/null && pkg-config --exists sndfile soxr portaudio-2.0 espeak-ng openssl ||
            stop "libsndfile, libsoxr, PortAudio, espeak-ng or OpenSSL is missing, and this is not a Debian" \
                "install their development files and pkg-config with this system's packages"
    fi
}

# The first Python that has pip: of 3.10 or later, or of the version given.
find_python() {
    local python check='sys.version_info < (3, 10)'
    [ $# -eq 0 ] || check="'%d.%d' % sys.version_info[:2] != '$1'"
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c "import sys, pip; sys.exit($check)" >/dev/null 2>&1; then
            printf '%s\n' "$python"
            return
        fi
    done
    return 1
}

has_torch() { [ -e "$1/include/ATen/ATen.h" ] && { [ -e "$1/lib/libtorch_cpu.so" ] || [ -e "$1/lib/libtorch_cpu.dylib" ]; }; }

# Libraries that libtorch is linked to and that aren't here; a CUDA build has some without its dependencies.
unresolved() { command -v ldd >/dev/null && ldd "$1/lib/libtorch_cpu.so" | grep 'not found'; }

# Unpacks the wheel beside its place and renames, so that a run cut short leaves nothing half there.
fetch_torch() {
    local python=$1 part=$native/python.part pip
    pip=("$python" -m pip install --quiet --no-input --disable-pip-version-check --no-compile --no-warn-script-location --target "$part")
    rm -rf "$part"
    mkdir -p "$native"
    # The CPU build is a fifth of the size; only some package sources offer it.
    if attempt "libtorch: torch $torch_version, CPU build (about 190 MB)" "${pip[@]}" --no-deps "torch==$torch_version+cpu"; then
        :
    else
        say "the package source offers no separate CPU build; taking its ordinary one"
        rm -rf "$part"
        step "libtorch: torch $torch_version" "${pip[@]}" --no-deps "torch==$torch_version" || return 1
        if unresolved "$part/torch" >/dev/null; then
            rm -rf "$part"
            step "libtorch: torch $torch_version and the CUDA libraries it is linked to (4.5 GB unpacked)" "${pip[@]}" "torch==$torch_version" || return 1
        fi
    fi
    rm -rf "$native/python"
    mv "$part" "$native/python"
}

check_torch() {
    if [ -n "${MYNA_TORCH:-}" ]; then
        has_torch "$MYNA_TORCH" || stop "MYNA_TORCH=$MYNA_TORCH has no include/ATen/ATen.h or no lib/libtorch_cpu" \
            "point MYNA_TORCH at an unpacked libtorch $torch_version, or unset it"
        return 0
    fi
    has_torch "$native/python/torch" && return 0
    local python
    if ! python=$(find_python); then
        command -v dpkg-query >/dev/null && install_packages python3 python3-pip
        python=$(find_python) || stop "there is no Python of 3.10 or later with pip" \
            "install one (Debian: python3 and python3-pip), or point MYNA_TORCH at an unpacked libtorch $torch_version"
    fi
    fetch_torch "$python" || stop "pip could not fetch torch $torch_version" \
        "check the network and pip's settings, or point MYNA_TORCH at an unpacked libtorch $torch_version"
    has_torch "$native/python/torch" || stop "the torch wheel has no headers or no library" \
        "remove $native/python and point MYNA_TORCH at an unpacked libtorch $torch_version"
}

# One virtual environment for each list of packages in Tools/clients, made anew when the list changes. A list whose first line is
# "# python 3.11" needs that one; without it the tests that use the client say that they were not run.
check_clients() {
    local list name place python wanted
    for list in Tools/clients/*.txt; do
        name=$(basename "$list" .txt) place=$native/clients/$name
        cmp -s "$list" "$place/installed.txt" && continue
        wanted=$(sed -n '1s/^# python //p' "$list")
        if [ -n "$wanted" ] && ! python=$(find_python "$wanted"); then
            say "client packages: $name need Python $wanted, which isn't here; tests with them will not be run"
            continue
        fi
        [ -n "$wanted" ] || python=$(find_python) ||
            stop "there is no Python of 3.10 or later with pip" "install one (Debian: python3, python3-pip, python3-venv)"
        if ! "$python" -c 'import ensurepip' 2>/dev/null && command -v dpkg-query >/dev/null; then
            install_packages python3-venv
        fi
        rm -rf "$place"
        mkdir -p "$native/clients"
        step "client packages: $name" make_environment "$python" "$place" "$list" || stop "pip could not install what $list names" \
            "check the network and pip's settings, then run this again"
        cp "$list" "$place/installed.txt"
    done
    # The page's test drives a browser; where there is none, the test is left out and says so.
    if command -v dpkg-query >/dev/null && ! command -v chromedriver >/dev/null; then
        (install_packages chromium chromium-driver) || say "there is no Chromium, so the page's test will be left out"
    fi
    # The tests of TLS make their certificates with it.
    if command -v dpkg-query >/dev/null && ! command -v openssl >/dev/null; then install_packages openssl; fi
    # Home Assistant plays replies through it.
    if command -v dpkg-query >/dev/null && ! command -v ffmpeg >/dev/null; then
        (install_packages ffmpeg) || say "there is no ffmpeg, so Home Assistant will not speak replies in the tests"
    fi
}
make_environment() {
    "$1" -m venv "$2" && "$2/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --requirement "$3"
}

started=$SECONDS
case ${1:-base} in
    base)
        check_swift
        check_libraries
        check_torch
        ;;
    clients)
        check_clients
        ;;
    voices)
        command -v dpkg-query >/dev/null || stop "the voices come as Debian packages" "install flite and festival by hand"
        install_packages espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts
        ;;
    portable)
        # The networking that is linked into the program calls libcurl, which then travels beside it.
        command -v dpkg-query >/dev/null || stop "libcurl comes as a Debian package" "install libcurl's headers and library by hand"
        install_packages libcurl4-openssl-dev
        ;;
    *)
        printf '%s\n' "usage: Tools/setup.sh [clients | voices | portable]" >&2
        exit 64
        ;;
esac
say "everything is here ($((SECONDS - started)) s)"
