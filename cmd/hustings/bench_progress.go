package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// progress is a line with an estimate of the time that is left, on a terminal. Anywhere else it is nothing.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(c *cobra.Command, what string, of int64) *progress {
	f, ok := c.ErrOrStderr().(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(of,
		progressbar.OptionSetWriter(f),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// set says how much is done. It may be called from any goroutine.
func (p *progress) set(done int64) {
	if p.bar != nil {
		_ = p.bar.Set64(done) // a line that is lost on a terminal is not worth an error
	}
}

// setOf says how much is done of how much.
func (p *progress) setOf(done, of int) {
	if p.bar != nil {
		if p.bar.GetMax() != of {
			p.bar.ChangeMax(of)
		}
		p.set(int64(done))
	}
}

// finish takes the line away.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
