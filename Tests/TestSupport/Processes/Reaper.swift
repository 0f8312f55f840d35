import Glibc

/// Kills the processes and removes the directories that a test run leaves behind, even if it was killed.
///
/// A shell that reads from a pipe what to clean up, one item a line. The pipe closes with the test run, and then the
/// shell does what was not cancelled. It signals only the pids it was given.
final class Reaper: Sendable {
    static let shared = Reaper()

    private let pipe: Int32

    private static let script = """
        list=
        while read -r verb what; do
            case $verb in
            forget) list=$(printf '%s\\n' "$list" | grep -vxF -- "$what") ;;
            *) list="$list
        $verb $what" ;;
            esac
        done
        run() { printf '%s\\n' "$list" | while read -r verb what; do "$1" "$verb" "$what"; done; }
        end() {
            # One that a test stopped must go on to end.
            case $1 in QUIT|TERM|KILL) kill -s "$1" "$2"; kill -s CONT "$2" ;; esac
        }
        await() {
            case $1 in QUIT|TERM|KILL)
                tries=0
                while kill -0 "$2" && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done ;;
            esac
        }
        unmount() {
            case $1 in mount) umount -l "$2" ;; esac
        }
        remove() {
            case $1 in directory) rm -rf --one-file-system -- "$2" ;; esac
        }
        run end; run await; run unmount; run remove
        """

    private init() {
        let ends = Loopback.pipe()
        // A process group of its own, so that an interrupt from the keyboard does not take it too.
        _ = try! ChildProcess.spawn(["/bin/sh", "-c", Self.script], input: .descriptor(ends[0]))
        close(ends[0])
        pipe = ends[1]
    }

    /// Sends the signal, one of QUIT, TERM and KILL, to the process when the run is over.
    func watch(process: pid_t, signal: String) { order("\(signal) \(process)") }
    func forget(process: pid_t, signal: String) { order("forget \(signal) \(process)") }
    func watch(directory: String) { order("directory \(directory)") }
    func forget(directory: String) { order("forget directory \(directory)") }
    func watch(mount: String) { order("mount \(mount)") }
    func forget(mount: String) { order("forget mount \(mount)") }

    private func order(_ line: String) {
        // A line is shorter than PIPE_BUF, so that lines of several threads do not mix.
        let bytes = Array("\(line)\n".utf8)
        precondition(Glibc.write(pipe, bytes, bytes.count) == bytes.count, "the reaper is gone")
    }
}
