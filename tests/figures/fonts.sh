#!/bin/sh
# Every picture looks the same with the fonts that .ci/packages installs, with Liberation alone, and
# with all fonts of this machine: no glyph is missing, or taken from a font that another machine lacks.
# Every script draws a small version of its figure that contains all labels.
# SPDX-License-Identifier: MIT
set -u
# shellcheck source=tests/figures/tap.inc
. tests/figures/tap.inc
if ! command -v gnuplot >/dev/null 2>&1; then
    echo "1..0 # SKIP gnuplot is not installed"
    exit 0
fi
# file NAME: the file of a font, from fontconfig
file() { fc-list ":family=$1" file 2>/dev/null | sed 's/: *$//' | grep -e "$2" | head -n 1; }
if [ -z "$(file 'Liberation Sans' Regular)" ] || [ -z "$(file 'DejaVu Sans' 'DejaVuSans\.')" ]; then
    echo "1..0 # SKIP no fc-list, or no Liberation Sans and DejaVu Sans"
    exit 0
fi

# settings NAME FOLDER: a configuration of fontconfig with the fonts of one directory only
settings() {
    cat >"$DIR/$1.conf" <<END
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$2</dir>
  <cachedir>$DIR/cache-$1</cachedir>
</fontconfig>
END
}
mkdir "$DIR/installed" "$DIR/alone"
for style in Regular Bold Italic BoldItalic; do
    ln -s "$(file 'Liberation Sans' "LiberationSans-$style")" "$DIR/alone/"
done
cp -P "$DIR"/alone/* "$DIR/installed/"
for style in DejaVuSans DejaVuSans-Bold; do
    ln -s "$(file 'DejaVu Sans' "/$style\.")" "$DIR/installed/"
done
settings installed "$DIR/installed"
settings alone "$DIR/alone"
# All: with this machine's own configuration.
printf '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n%s\n<cachedir>%s</cachedir>\n</fontconfig>\n' \
    "$(fc-list : file | sed 's|/[^/]*: *$||' | sort -u | sed 's|.*|<dir>&</dir>|')" "$DIR/cache-all" >"$DIR/all.conf"

# The data of each figure, shortened and for fewer values.
quick() { run "$@" --t-end 2 --samples 4; }
for eta in 0 0.01; do
    quick fig03/eta_$eta flow fig03 --eta $eta
    quick fig03/origin_$eta flow fig03-origin --eta $eta
    table fig03/points_$eta fig03-theory --eta $eta --table fixedpoints --p0=-1:2:5 --s0 0.1:2:5
    table fig03/velocity_$eta fig03-theory --eta $eta --table velocity --p0=-1:2:9
done
mkdir "$DIR/fig04"
for eta in 0 0.16 0.3; do
    table fig04/velocity_$eta fig04 --eta $eta --table velocity --p0=-0.25:1.25:301
    table fig04/points_$eta fig03-theory --eta $eta --table fixedpoints --p0 0 --s0 1
    "$SSLDYN" theory experiments/fig03-theory.conf --eta $eta >"$DIR/fig04/theory_$eta.txt"
done
for eta in 0 0.04; do quick fig05/eta_$eta flow fig05 --eta $eta; done
for beta in 0.4 2; do quick fig05/beta_$beta flow fig05 --beta $beta; done
for beta in 0.1 0.4; do quick fig07/eta_0/beta_$beta sgd fig07 --ensemble 2 --beta $beta; done
quick fig08/eta_0.01/tau_1 flow fig08 --eta 0.01 --tau 1
quick fig09/eta_0.05/tau_1 flow fig09 --eta 0.05 --tau 1
mkdir -p "$DIR/fig10/plane" "$DIR/fig10/tied" "$DIR/fig10/bare"
table fig10/plane/field fig10 --table field --w0=-1.5:1.5:4 --wp0=-1:1:3 --wa0 1
table fig10/plane/nullclines fig10 --table nullclines --w0=-1.5:1.5:4 --wa0 1
table fig10/plane/fixedpoints fig10 --table fixedpoints --w0=-1.5:1.5:4 --wa0 1
for pair in tied:--tied bare:--no-predictor; do
    table "fig10/${pair%:*}/field" fig10 --table field "${pair#*:}" --w0 0:1:5 --wa0 0:1:5
    table "fig10/${pair%:*}/nullclines" fig10 --table nullclines "${pair#*:}" --w0 0:1:5
    table "fig10/${pair%:*}/fixedpoints" fig10 --table fixedpoints "${pair#*:}"
done
for tau0 in 1 0; do
    run map/tau0_$tau0 sweep map --tau0 $tau0 --axis.eta 0:0.3:4 --axis.beta log:0.01:10:4
    run map/edge_$tau0 basin map-edge --tau0 $tau0 --axis.beta log:0.01:10:4
done
run map/random sweep map-random --axis.eta 0:0.3:4 --axis.beta log:0.01:10:4
"$SSLDYN" theory --alpha-p 1 --sigma2 0.0009 >"$DIR/map/theory.txt"
for alpha_p in 0.25 1 4; do run observations/01/alpha-p_$alpha_p basin observation01 --alpha-p $alpha_p; done
for eta in 0 0.01 0.04; do run observations/03/eta_$eta flow observation03 --eta $eta; done
for k in 02 05 06 07 08 09; do run observations/$k sweep observation$k; done
run observations/04 basin observation04 --axis.eta 0.01:0.19:5
run observations/10 basin observation10 --axis.beta log:0.03:10:4
mkdir "$DIR/survival" "$DIR/ablation"
printf '# ssldyn survival 1\neta\teta_c\trank\trank_pairs\trank_along_pair\n0.1\t4\t3\t3\t2\n1\t4\t1\t1\t1\n' >"$DIR/survival/theory.tsv"
for name in flow sgd noisy moments; do
    mkdir "$DIR/survival/$name"
    printf '# ssldyn sweep 1\neta\trank\trank_end\n0.1\t3\t3\n1\t1\t1\n' >"$DIR/survival/$name/table.tsv"
done
printf '# ssldyn ablation 1\npredictor\tstop_grad\ttarget\tsymmetric\teta_p\teta_s\trank\n1\t1\t1\t0\t0.04\t0.04\t6\n0\t0\t1\t0\t0\t0\t0\n' >"$DIR/ablation/table.tsv"
mkdir "$DIR/nofold" "$DIR/nofold/l2" "$DIR/waterfill" "$DIR/closures" "$DIR/depth" "$DIR/knobs"
for name in l2/table wide narrow theory wide_theory narrow_theory; do
    printf '# ssldyn nofold 1\neta\trank\trank_at_end\n0.02\t8\t8\n0.5\t6\t6\n' >"$DIR/nofold/$name.tsv"
done
for name in clean noisy; do
    printf '# ssldyn waterfill 1\nmode\tc\tp\tw2\n1\t-0.2\t0.6\t0.16\n2\t-0.9\t0.95\t0\n' >"$DIR/waterfill/$name.tsv"
    run waterfill/flow_$name flow waterfill --t-end 2
done
mkdir "$DIR/sgdrank"
printf '# ssldyn sgdrank 1\nlr\trank\n0.01\t9\n0.3\t4\n' >"$DIR/sgdrank/theory.tsv"
for name in plain decay batch moments; do
    mkdir "$DIR/sgdrank/$name"
    printf '# ssldyn sweep 1\nlr\trank_end\n0.002\t9\n0.02\t4\n' >"$DIR/sgdrank/$name/table.tsv"
done
mkdir "$DIR/spectra"
for name in byol byol_symmetric_predictor simsiam simsiam_symmetric_predictor; do
    awk 'BEGIN { OFS = "\t"; printf "epoch"
        for (j = 1; j <= 128; j++) printf "\ts_%d\twpe_%d\tcos_%d", j, j, j
        for (t = 25; t <= 100; t += 25) {
            printf "\n%d", t
            for (j = 1; j <= 128; j++) printf "\t%.6g\t%.6g\t1", exp(-0.1 * j), exp(-0.02 * j - (j > 40) * 0.08 * (j - 40) + 0.05 * sin(j * j))
        }
        print "" }' >"$DIR/spectra/$name.tsv"
done
"$SSLDYN" figure kth -q --spectra-data "$DIR/spectra" --runs "$DIR/kth" -o "$DIR/kth.png" >/dev/null
for name in leading next; do
    printf '# ssldyn closures 1\nmodes\terror\n4\t0.5\n64\t0.05\n' >"$DIR/closures/$name.tsv"
done
for layers in 1 2 3 4 5 6; do
    printf '# ssldyn depth 1\nlambda_s\teta\n1\t0.2\n10\t0.0001\n' >"$DIR/depth/fold_$layers.tsv"
    mkdir "$DIR/depth/flow_$layers"
    printf '# ssldyn sweep 1\neta\trank\n0.01\t7\n1\t0\n' >"$DIR/depth/flow_$layers/table.tsv"
done
printf '# ssldyn depth 1\nmode\tp_turn\n1\t0.6\n2\t0.3\n' >"$DIR/depth/modes.tsv"
printf '# ssldyn depth 1\neta\trank_1\trank_2\trank_3\trank_4\trank_5\trank_6\n0.01\t9\t7\t5\t4\t3\t2\n1\t1\t0\t0\t0\t0\t0\n' >"$DIR/depth/rank.tsv"

# Runs of all kinds that ssldyn plot draws.
quiet() { "$SSLDYN" "$@" -q >/dev/null; }
run modes flow fig05 --t-end 5
run matrix flow overview --t-end 3 --samples 9
"$SSLDYN" theory experiments/overview-theory.conf >"$DIR/matrix/theory.txt"
quiet align "$DIR/matrix" --predict 2 -o "$DIR/align"
quiet compare "$DIR/matrix" "$DIR/matrix" -o "$DIR/compare"
printf 'n1 = 3\nn2 = 2\nt_end = 2\nsamples = 4\nlr = 0.1\nbatch = 4\nensemble = 2\n' >"$DIR/ladder.conf"
quiet compare --ladder "$DIR/ladder.conf" -o "$DIR/ladder"
quiet sweep --model modes --axis.eta 0:0.3:4 --axis.beta log:0.1:10:3 --lines -o "$DIR/lines"
quiet sweep --model parabola --tau 1 --p0 0.3 --axis.eta 0:0.3:5 --lines -o "$DIR/bifurcation"
quiet sweep --model modes --axis.eta_s 0:0.3:3 --axis.eta_p 0:1:3 --axis.alpha_p 1:2:2 --axis.tau0 0:1:2 --average tau0 -o "$DIR/shares"
quiet sweep --n1 3 --n2 3 --t-end 20 --axis.sigma2 0.1:1:3 --axis.tau 0.5:1:2 -o "$DIR/ranks"
quiet sweep --model modes --sobol 50 --axis.p0 0:1 --axis.s0 0:1 --axis.tau0 0:1 -o "$DIR/sobol"
quiet basin --model modes --no-ema --eta 0.1 -o "$DIR/separatrix"
quiet basin experiments/knobs.conf -o "$DIR/knobs/margins"
quiet basin experiments/knobs-edge.conf --axis.beta log:0.05:5:9 -o "$DIR/knobs/edge"
quiet basin --model modes --p0 0.3 --s0 0.1 --train-lr 0.05 --train-weight-decay 0.04 --train-ema 0.98 --margins -o "$DIR/margins"
quiet basin --model lowdim --eta 0.05 --threshold wp0 --lo=-0.5 --hi 1 --scan 32 --axis.w0 0.01:0.2:3 --axis.wa0 0:0.3:2 -o "$DIR/thresholds"

# An IDX file of twelve images of 2 x 2 pixels.
{
    printf '\0\0\10\3\0\0\0\14\0\0\0\2\0\0\0\2'
    awk 'BEGIN { for (i = 0; i < 48; i++) printf "%c", 33 + (i * i * 7) % 90 }'
} >"$DIR/images.idx"
quiet moments "$DIR/images.idx" --augmentation none --noise 0.3 -o "$DIR/moments"

SSLDYN_SCALE=1
export SSLDYN_SCALE
# same_in_all WHAT COMMAND...: the command draws $DIR/picture.png the same with all fonts and with few
same_in_all() {
    what=$1
    shift
    for fonts in all installed alone; do
        rm -f "$DIR/picture.png"
        FONTCONFIG_FILE=$DIR/$fonts.conf "$@" >/dev/null
        mv "$DIR/picture.png" "$DIR/$fonts.png" || : >"$DIR/$fonts.png"
    done
    [ -s "$DIR/all.png" ] && cmp "$DIR/all.png" "$DIR/installed.png" && cmp "$DIR/all.png" "$DIR/alone.png"
    result $? "$what looks the same with few fonts"
}
# likeness NAME VALUES...: a figure from the data above
likeness() {
    figure=$1
    shift
    same_in_all "$figure" "$SSLDYN" figure "$figure" --draw-only --runs "$DIR/$figure" -o "$DIR/picture.png" "$@"
}
likeness fig03 --eta 0,0.01
likeness fig04
likeness fig05 --eta 0,0.04 --beta 0.4,2
likeness fig07 --eta 0 --beta 0.1,0.4
likeness fig08 --eta 0.01 --tau 1
likeness fig09 --eta 0.05 --tau 1
for figure in fig10 map observations survival ablation nofold waterfill closures depth sgdrank kth knobs; do likeness $figure; done
for kind in modes matrix align compare ladder lines bifurcation shares ranks sobol separatrix thresholds margins moments; do
    same_in_all "a plot of $kind" "$SSLDYN" plot "$DIR/$kind" -o "$DIR/picture.png"
done
same_in_all "a plot of two runs" "$SSLDYN" plot "$DIR/modes" "$DIR/fig05/beta_2" -o "$DIR/picture.png"
scripts=$(find plots -name "*.gp" ! -name style.gp | wc -l)
# lines, bifurcation, shares, ranks and sobol are all drawn by sweep.gp
holds "that is every script" "$((number - 4)) == $scripts"
"$SSLDYN" figure fig10 --draw-only --runs "$DIR/fig10" -o "$DIR/picture.pdf" >/dev/null
holds "no date in a figure: the same data give the same bytes" \
    "$(grep -ac CreationDate "$DIR/picture.pdf") == 0 && $(grep -ac '%%EOF' "$DIR/picture.pdf") == 1"
finish
