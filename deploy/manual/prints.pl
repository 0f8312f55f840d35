# Compares what commands printed with what the manual says they print.
#     perl deploy/manual/prints.pl EXPECTED PRINTED VALUES
# The expected lines have to be there in this order, with any others between them. In them … is any text, a number any
# number, and a WORD-IN-CAPITALS takes what stands in its place into the file VALUES, as a line `WORD value`.
use v5.36;
use utf8;
use open qw(:std :encoding(UTF-8));

my ($expected, $printed, $values) = @ARGV;
die "Usage: perl deploy/manual/prints.pl EXPECTED PRINTED VALUES\n" unless @ARGV == 3;
my @lines = do { open my $file, '<', $printed or die "$printed: $!\n"; <$file> };
open my $file, '<', $expected or die "$expected: $!\n";
while (my $wanted = <$file>) {
    chomp $wanted;
    next if $wanted =~ /^\s*$/;
    my @words;
    my $pattern = join '', map {
        if ($_ eq '…') { '.*' }
        elsif (/^[A-Z]+(-[A-Z]+)+$/) { push @words, $_; '(.*)' }
        elsif (/^\d+$/) { '\d+' }
        else { quotemeta }
    } split /(…|\b[A-Z]+(?:-[A-Z]+)+\b|\d+)/, $wanted;
    my @taken;
    while (1) {
        die "not printed: $wanted\n" unless @lines;
        chomp(my $line = shift @lines);
        last if @taken = $line =~ /^$pattern$/;
    }
    next unless @words;
    open my $out, '>>', $values or die "$values: $!\n";
    say $out "$words[$_] $taken[$_]" for 0 .. $#words;
}
