# Shows how far a long command is, in place of its output: COMMAND 2>&1 | perl deploy/lib/progress.pl WHAT LOG
#
# The output goes to the file LOG. On a terminal one line changes every second; in a log there is a line a minute.
# Shown is how far it says it is: "[12/345] Compiling" (SwiftPM), "pmstatus:libpq5:12.3:Unpacking" (apt-get's status).
use strict;
use warnings;

my ($what, $path) = @ARGV;
open my $log, '>', $path or die "$path: $!\n";
$log->autoflush;
STDERR->autoflush;
my $terminal = -t STDERR && ($ENV{TERM} // 'dumb') ne 'dumb';
my ($started, $told, $figure, $rest) = (time, time, '', '');

sub elapsed {
    my $seconds = time - $started;
    return $seconds < 60 ? "$seconds s" : sprintf '%d min %02d s', $seconds / 60, $seconds % 60;
}
sub show {
    my $line = "  $what: " . ($figure && "$figure, ") . elapsed();
    if ($terminal) { print STDERR "\r\e[K$line" }
    elsif (time - $told >= 60) { $told = time; print STDERR "$line\n" }
}
show();
while (1) {
    my $ready = '';
    vec($ready, fileno(STDIN), 1) = 1;
    if (select($ready, undef, undef, 1) > 0) {
        sysread(STDIN, my $chunk, 65536) or last;
        print $log $chunk;
        $rest .= $chunk;
        while ($rest =~ s/^([^\r\n]*)[\r\n]+//) {
            my $line = $1;
            $figure = "$1 of $2" if $line =~ m{^\[(\d+)/(\d+)\]};
            $figure = "$1 %" if $line =~ /^(?:dl|pm)status:[^:]*:(\d+)/;
        }
    }
    show() if !$terminal || time != $told && ($told = time);
}
print STDERR "\r\e[K" if $terminal;
print STDERR "  $what: ", elapsed(), "\n";
