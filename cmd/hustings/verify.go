package main

import (
	"encoding/json"
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

// offline is what the commands that examine files have in common.
type offline struct {
	data   string
	asJSON bool
}

func (o *offline) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.data, "data", "data", "directory of the exchange's data")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print a JSON object as the last line")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exitError{err, exitUnchecked} })
}

// shard is the directory of the shard's files: below that of a node, or the one named itself.
func (o *offline) shard() string {
	for _, part := range []string{"wal", "journal"} {
		if _, err := os.Stat(filepath.Join(o.data, part)); err == nil {
			return o.data
		}
	}
	return node.ShardDir(o.data, exchange.HomeShard)
}

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
	options := audit.Options{}
	var err error
	if options.Verifier, err = readVerifier(o.data, keyFile); err != nil {
		return err
	}
	p := newProgress(c, "verifying", 1)
	options.Progress = func(done, total int64) { p.setOf(int(done), int(total)) }
	begun := time.Now()
	report, err := audit.Verify(o.shard(), options)
	p.finish()
	if err != nil {
		return err
	}
	j := verifyReport{report, report.Clean(), o.shard(), round(time.Since(begun).Seconds(), 3)}
	if err := printVerified(c, &j, o.asJSON); err != nil {
		return err
	}
	if !j.Clean {
		return exitError{code: exitDamaged}
	}
	return nil
}

// readVerifier reads the public key of the checkpoints; nil if there is none and none was asked for.
func readVerifier(data, keyFile string) (note.Verifier, error) {
	name := keyFile
	if name == "" {
		name = filepath.Join(data, node.CheckpointPubFile)
	}
	text, err := os.ReadFile(name)
	if keyFile == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the public key: %w", err)
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("reading the public key in %s: %w", name, err)
	}
	return v, nil
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
	if asJSON {
		line, err := json.Marshal(j)
		if err != nil {
			return fmt.Errorf("writing the result as JSON: %w", err)
		}
		b.Write(append(line, '\n'))
	}
	if _, err := fmt.Fprint(c.OutOrStdout(), b.String()); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
