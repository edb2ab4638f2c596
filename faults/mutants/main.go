package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"
)

// atOnce is how many mutants are tried at the same time: the go command compiles for one while the tests of another run.
const atOnce = 2

func main() {
	only := flag.String("only", "", "names of the mutants to try, separated by commas")
	list := flag.Bool("list", false, "print what there is, and try nothing")
	asJSON := flag.Bool("json", false, "print a JSON object as the last line")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	all, err := choose(mutants(), *only)
	if err == nil && flag.NArg() > 0 {
		err = fmt.Errorf("%q: only flags are understood", flag.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if *list {
		newTable(os.Stdout, all).list(all)
		return
	}
	caught, err := tryAll(ctx, all, *asJSON)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || !caught {
		os.Exit(1)
	}
}

// choose returns the mutants of these names, or all.
func choose(all []mutant, names string) (chosen []mutant, err error) {
	if names == "" {
		return all, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		before := len(chosen)
		for i := range all {
			if all[i].name == name {
				chosen = append(chosen, all[i])
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("there is no mutant %q; --list prints what there is", name)
		}
	}
	return chosen, nil
}

// findRoot returns the directory of the module that the working directory is in.
func findRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	name := strings.TrimSpace(string(out))
	if name == "" || name == os.DevNull {
		return "", fmt.Errorf("finding the module: the working directory is in none")
	}
	return filepath.Dir(name), nil
}

// tryAll tries mutants and prints the table, each line as soon as those before it are there.
func tryAll(ctx context.Context, all []mutant, asJSON bool) (caught bool, err error) {
	root, err := findRoot()
	if err != nil {
		return false, err
	}
	tries, out := newTrials(root), newTable(os.Stdout, all)
	out.head()
	bar := newProgress(len(all))
	results, done := make([]result, len(all)), make([]chan struct{}, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce + 1) // and the one that prints
	for i := range done {
		done[i] = make(chan struct{})
	}
	group.Go(func() error {
		for i := range results {
			select {
			case <-done[i]:
			case <-ctx.Done():
				return ctx.Err()
			}
			bar.clear()
			out.result(&results[i])
			bar.add()
		}
		return nil
	})
	for i := range all {
		group.Go(func() (err error) {
			results[i], err = tries.try(ctx, &all[i])
			close(done[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return false, fmt.Errorf("not all mutants were tried: %w", err)
	}
	bar.clear()
	return conclude(os.Stdout, results, asJSON)
}

// progress is a line with an estimate of the time that is left, on a terminal. Anywhere else it is nothing.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(of int) progress {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return progress{progressbar.DefaultSilent(int64(of))}
	}
	return progress{progressbar.NewOptions(of,
		progressbar.OptionSetWriter(io.Writer(os.Stderr)),
		progressbar.OptionSetDescription("mutants"),
		progressbar.OptionShowCount(),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)}
}

// A line that is lost on a terminal is not worth an error.
func (p progress) add()   { _ = p.bar.Add(1) }
func (p progress) clear() { _ = p.bar.Clear() }
