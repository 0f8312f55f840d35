# Takes what the manual's trial runs out of a Markdown page, in order.
#     perl deploy/manual/blocks.pl DIRECTORY PAGE [SECTION]
# Each block of sh, and what else the trial needs, has a comment on the line before, which readers do not see:
#     <!-- as: ROLE -->                    who runs the commands; an error of any ends the trial
#     <!-- as: ROLE, OPTION: VALUE… -->    repeat: until they print what is expected; warnings: findings of leverctl check
#                                          that may be there; if: the trial's part that runs them
#     <!-- prints -->                      what the commands before print. … is any text, a number any number, and a
#                                          WORD-IN-CAPITALS what stands there, for later commands
#     <!-- file: PATH -->                  the file that the block is
#     <!-- gives: ROLE: FILE… to: ROLE, ROLE -->     files that go to other machines
#     <!-- then: PAGE#SECTION -->          another page's section is next
#     <!-- not run: REASON -->             the trial does not run it, and why
# Writes a file for each into DIRECTORY, 0001.as and so on: the comment's value, PAGE:LINE, then the block.
use v5.36;
use utf8;
use open qw(:std :encoding(UTF-8));

my ($directory, $page, $section) = @ARGV;
die "Usage: perl deploy/manual/blocks.pl DIRECTORY PAGE [SECTION]\n" unless defined $page;
open my $file, '<', $page or die "$page: $!\n";
my ($kind, $value, $indent, $out, $level);
my $number = 0;
my $inside = !defined $section;
sub start ($line) {
    my $path = $inside ? sprintf('%s/%04d.%s', $directory, ++$number, $kind =~ tr/ /-/r) : '/dev/null';
    open my $new, '>', $path or die "$path: $!\n";
    print $new "$value\n$page:$line\n";
    return $new;
}
while (my $line = <$file>) {
    if ($out) {
        if ($line =~ /^\s*```\s*$/) { close $out; undef $out; undef $kind; next }
        print $out $line =~ s/^$indent//r;
    } elsif ($line =~ /^\s*<!-- (gives|then): (.*?) -->$/) {
        ($kind, $value) = ($1, $2);
        close start($.);
        undef $kind;
    } elsif ($line =~ /^\s*<!-- (as|file|not run): (.*?) -->$/ || $line =~ /^\s*<!-- (prints)() -->$/) {
        ($kind, $value) = ($1, $2);
    } elsif ($line =~ /^(\s*)```(\w*)$/) {
        die "$page:$.: a block of sh without a comment that says who runs it\n" if $2 eq 'sh' && !$kind;
        $indent = $1;
        if ($kind) { $out = start($. + 1) } else { open $out, '>', '/dev/null' or die $! }
    } elsif ($kind) {
        die "$page:$.: the comment '$kind' is not followed by a block\n";
    } elsif (defined $section && $line =~ /^(#+) (.*)$/) {
        my ($depth, $name) = (length $1, lc($2) =~ s/[^\w -]//gr =~ tr/ /-/r);
        if ($name eq $section) { ($inside, $level) = (1, $depth) }
        elsif ($inside && $depth <= $level) { $inside = 0 }
    }
}
die "$page: the last block does not end\n" if $out;
die "$page has no section '$section'\n" if defined $section && !$level;
