package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/hustings/hustings/audit"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/vfs"
)

// Exit codes of the commands that examine files.
const (
	exitDamaged   = 1 // or what was replayed came out differently
	exitUnchecked = 2 // it could not be found out
)

// unchecked is the error of a command that could not find out.
func unchecked(err error) error {
	if err == nil || errors.As(err, &exitError{}) {
		return err
	}
	if errors.Is(err, vfs.ErrLocked) {
		err = fmt.Errorf("%w\n  Nothing was read. While the exchange runs, hustings at --addr asks it for the past", err)
	}
	return exitError{err, exitUnchecked}
}

func newVerifyCommand() *cobra.Command {
	var o offline
	var keyFile string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check all files of an exchange that does not run",
		Long: `Check every byte of an exchange's files, and each of them against the others: the log and its chain; the journal, its
chain, its indexes and its signed checkpoints; the snapshots; that the log gives exactly the journal's events; that the
events are believable, add up, and give the states in the snapshots and the state that the log gives.

It changes nothing. What is wrong is named: the file and the byte, the event, the account, market or order.
The exit code is 0 if all is well, 1 if there is damage, and 2 if that could not be found out.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return unchecked(verify(c, &o, keyFile)) },
	}
	o.flags(c)
	c.Flags().StringVar(&keyFile, "public-key", "", "file with the public key of the checkpoints (default: DATA/"+node.CheckpointPubFile+")")
	return c
}

// noArgs refuses arguments as an error of use, which is no finding.
func noArgs(c *cobra.Command, args []string) error { return unchecked(cobra.NoArgs(c, args)) }

// verifyReport is the JSON of verify.
type verifyReport struct {
	*audit.Report
	Clean   bool    `json:"clean"`
	Dir     string  `json:"dir"`
	Seconds float64 `json:"seconds"`
}

func verify(c *cobra.Command, o *offline, keyFile string) error {
	key, err := readPublicKey(o.data, keyFile)
	if err != nil {
		return err
	}
	return o.each(func(s shardFiles) (clean bool, err error) {
		options := audit.Options{}
		if options.Verifier, err = verifierOf(key, s.id); err != nil {
			return false, err
		}
		p := newProgress(c, "verifying", 1)
		options.Progress = func(done, total int64) { p.setOf(int(done), int(total)) }
		begun := time.Now()
		report, err := audit.Verify(s.dir, options)
		p.finish()
		if err != nil {
			return false, err
		}
		j := verifyReport{report, report.Clean(), s.dir, round(time.Since(begun).Seconds(), 3)}
		return j.Clean, printVerified(c, &j, o.asJSON)
	})
}

// readPublicKey reads the public key of the home shard's checkpoints; empty if there is none and none was asked for.
func readPublicKey(data, keyFile string) (string, error) {
	name := keyFile
	if name == "" {
		name = filepath.Join(data, node.CheckpointPubFile)
	}
	text, err := os.ReadFile(name)
	if keyFile == "" && errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the public key: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if _, err := note.NewVerifier(key); err != nil {
		return "", fmt.Errorf("reading the public key in %s: %w", name, err)
	}
	return key, nil
}

// verifierOf returns what verifies the checkpoints of a shard, or nil without a key.
func verifierOf(key string, shard exchange.ShardID) (note.Verifier, error) {
	if key == "" {
		return nil, nil
	}
	own, err := node.CheckpointKey(key, shard)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(own)
}

func printVerified(c *cobra.Command, j *verifyReport, asJSON bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Verified %s in %s s: %s events, %s commands\n\n", j.Dir, number(j.Seconds), number(j.Events), number(j.Commands))
	var rows [][]string
	for _, check := range j.Checks {
		rows = append(rows, []string{check.Name, check.Result, check.Detail})
	}
	writeColumns(&b, "  ", rows)
	for i := range j.Damage {
		if i == 0 {
			fmt.Fprintf(&b, "\nDamage\n")
		}
		fmt.Fprintf(&b, "  %s: %s\n", j.Damage[i].Check, j.Damage[i].String())
	}
	for i, n := range j.Notes {
		if i == 0 {
			fmt.Fprintf(&b, "\nNotes\n")
		}
		fmt.Fprintf(&b, "  %s\n", n)
	}
	if j.Clean {
		fmt.Fprintf(&b, "\nAll is well.\n")
	} else {
		fmt.Fprintf(&b, "\nDAMAGED. Keep these files as they are, and restore the exchange from a good copy.\n")
	}
	return printResult(c, b.String(), j, asJSON)
}
