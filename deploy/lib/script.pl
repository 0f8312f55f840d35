# What the programs in Perl have in common with the scripts (script.sh): the comment at a program's head is its help.
use strict;
use warnings;
use FindBin;

sub options { # HOW MANY ARGUMENTS: answers --help, and refuses options and any other number of arguments
    my ($count) = @_;
    open my $program, '<', "$FindBin::Bin/$FindBin::Script" or die "$FindBin::Script: $!\n";
    my @help;
    while (<$program>) {
        next if /^#!/;
        s/^# ?// or last;
        push @help, $_;
    }
    if (grep { /^(-h|--help)$/ } @ARGV) { print @help; exit 0 }
    my ($option) = grep { /^-/ } @ARGV;
    return unless defined $option || @ARGV != $count;
    my ($usage) = grep { /^ +.*\b\Q$FindBin::Script\E\b/ } @help;
    print STDERR "$FindBin::Script: ", defined $option ? "unknown option '$option'" : "$count arguments are expected",
        "\nusage: ", $usage =~ s/^ +//r;
    exit 2;
}
1;
