package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/hustings/hustings/load/recovery"
)

// recoverReport is the JSON of bench recover.
type recoverReport struct {
	SnapshotMs     float64 `json:"snapshot_ms"` // into the state machine
	ReadModelMs    float64 `json:"read_model_ms"`
	ReplayCommands int     `json:"replay_commands"`
	ReplayMs       float64 `json:"replay_ms"`
	TotalMs        float64 `json:"total_ms"` // until orders are accepted
	OpenOrders     int     `json:"open_orders"`
	Accounts       int     `json:"accounts"`
	Positions      int     `json:"positions"`
	Bytes          int64   `json:"directory_bytes"`
}

func newBenchRecoverCommand() *cobra.Command {
	cfg := recovery.Config{OpenOrders: 1_000_000, Accounts: 100_000, Markets: 1_000, Tail: 1_000_000}
	var measure string
	var trials int
	var asJSON bool
	c := &cobra.Command{
		Use:   "recover",
		Short: "Measure how fast an exchange comes up again",
		Long: "Build a directory as a busy exchange leaves it, with a snapshot and a log of commands behind it, and let a new\n" +
			"process open it. Takes a minute and about two gigabytes under the directory for temporary files.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if measure != "" {
				return measureRecovery(c, measure)
			}
			j, err := benchRecover(c, cfg, trials)
			if err != nil {
				return err
			}
			return printRecover(c, j, asJSON)
		},
	}
	f := c.Flags()
	f.IntVar(&cfg.OpenOrders, "open-orders", cfg.OpenOrders, "orders that rest when the snapshot is taken")
	f.IntVar(&cfg.Accounts, "accounts", cfg.Accounts, "accounts")
	f.IntVar(&cfg.Markets, "markets", cfg.Markets, "markets")
	f.IntVar(&cfg.Tail, "commands", cfg.Tail, "commands in the log behind the snapshot")
	f.IntVar(&trials, "trials", 3, "recoveries, of which the median is told")
	f.BoolVar(&asJSON, "json", false, "print a JSON object as the last line")
	f.StringVar(&measure, "measure", "", "open this directory and print what it took")
	_ = f.MarkHidden("measure")
	return c
}

func benchRecover(c *cobra.Command, cfg recovery.Config, trials int) (*recoverReport, error) {
	dir, err := os.MkdirTemp("", "hustings-recover-")
	if err != nil {
		return nil, fmt.Errorf("making a temporary directory: %w", err)
	}
	defer os.RemoveAll(dir)
	cfg.Dir = dir
	progress := newProgress(c, "building", 0)
	cfg.Progress = progress.setOf
	err = recovery.Build(c.Context(), cfg)
	progress.finish()
	if err != nil {
		return nil, err
	}
	return medianRecovery(c.Context(), dir, trials)
}

// medianRecovery opens copies of the directory, because a recovery changes it, and returns the one whose total is the
// median. What was written is on disk before, so that nothing is measured but the recovery.
func medianRecovery(ctx context.Context, dir string, trials int) (*recoverReport, error) {
	var all []*recoverReport
	for range trials {
		trial := dir + "-trial"
		if err := os.CopyFS(trial, os.DirFS(dir)); err != nil {
			return nil, fmt.Errorf("copying the directory: %w", err)
		}
		unix.Sync()
		j, err := measureInNewProcess(ctx, trial)
		if err = errors.Join(err, os.RemoveAll(trial)); err != nil {
			return nil, err
		}
		all = append(all, j)
	}
	slices.SortFunc(all, func(a, b *recoverReport) int { return cmp.Compare(a.TotalMs, b.TotalMs) })
	return all[len(all)/2], nil
}

// measureInNewProcess opens the directory in a process that has no memory yet, as after a crash.
func measureInNewProcess(ctx context.Context, dir string) (*recoverReport, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	run := exec.CommandContext(ctx, self, "bench", "recover", "--measure", dir)
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		return nil, fmt.Errorf("opening the directory in a new process: %w", err)
	}
	j := new(recoverReport)
	if err := json.Unmarshal(out, j); err != nil {
		return nil, fmt.Errorf("reading what the new process measured: %w", err)
	}
	return j, nil
}

func measureRecovery(c *cobra.Command, dir string) error {
	size, err := directorySize(dir)
	if err != nil {
		return err
	}
	res, err := recovery.Measure(c.Context(), dir)
	if err != nil {
		return err
	}
	ms := func(d time.Duration) float64 { return round(float64(d.Nanoseconds())/1e6, 1) }
	return json.NewEncoder(c.OutOrStdout()).Encode(recoverReport{
		SnapshotMs: ms(res.Snapshot), ReadModelMs: ms(res.ReadModel), ReplayCommands: res.Commands, ReplayMs: ms(res.Replay),
		TotalMs: ms(res.Total), OpenOrders: res.OpenOrders, Accounts: res.Accounts, Positions: res.Positions, Bytes: size,
	})
}

func directorySize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("measuring the directory: %w", err)
	}
	return size, nil
}

func printRecover(c *cobra.Command, j *recoverReport, asJSON bool) error {
	r := report{title: "Recovery of a process, files still in the system's cache"}
	r.add("snapshot into the state machine", j.SnapshotMs, "ms")
	r.add("read model from the snapshot", j.ReadModelMs, "ms")
	r.add("replay", j.ReplayMs, "ms")
	r.add("replayed", j.ReplayCommands, "commands")
	r.add("until orders are accepted", j.TotalMs, "ms")
	r.add("open orders", j.OpenOrders, "")
	r.add("accounts", j.Accounts, "")
	r.add("positions", j.Positions, "")
	r.add("files", j.Bytes, "bytes")
	return printReport(c, &r, j, asJSON)
}
