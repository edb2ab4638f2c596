package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/load/lobster"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/replica"
)

// Two bids and an ask; a sale that the venue filled from the second bid, which is not the first in line; a partial
// cancel, a delete, and a purchase of the ask.
const recording = `34200.1,1,11,100,100000,1
34200.2,1,12,50,100000,1
34200.3,1,13,70,100100,-1
34200.4,4,12,20,100000,1
34200.5,2,11,30,100000,1
34200.6,3,12,50,100000,1
34200.7,4,13,70,100100,-1
`

var recordingTable = map[string]string{
	"executions": "2", "agreed": "1", "differing": "1", "unfilled": "0", "adds": "3", "amendments": "1", "deletes": "1",
	"trades": "2", "reconciled": "true",
}

func recordingFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recording.csv")
	if err := os.WriteFile(file, []byte(recording), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDriveLobsterEmbedded(t *testing.T) {
	got := jsonOf(t, newDriveCommand(), "lobster", recordingFile(t), "--embedded", "--speed", "max", "--json")
	wantFields(t, got, recordingTable)
	wantFields(t, got, map[string]string{"repeated": "true"})
	got = jsonOf(t, newDriveCommand(), "lobster", recordingFile(t), "--once", "--speed", "100", "--json")
	wantFields(t, got, recordingTable)
	wantFields(t, got, map[string]string{"repeated": "null"})
}

func TestDriveLobsterIntoARunningExchange(t *testing.T) {
	dir := t.TempDir()
	n, err := node.Start(node.Config{Dir: dir, Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0",
		Log: slog.New(slog.DiscardHandler), Replica: replica.Config{WALSegment: 1 << 20, CheckpointEvery: 20 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 2 { // one exchange takes a recording twice
		got := jsonOf(t, newDriveCommand(), "lobster", recordingFile(t), "--addr", n.Addr(), "--admin-addr", n.AdminAddr(),
			"--admin-key", filepath.Join(dir, node.AdminKeyFile), "--json")
		wantFields(t, got, recordingTable)
	}
}

func TestDriveRefusesWhatMakesNoSense(t *testing.T) {
	file := recordingFile(t)
	for _, args := range [][]string{
		{"lobster"},
		{"lobster", "no-such-file"},
		{"lobster", file, "--speed", "0"},
		{"lobster", file, "--speed", "-1"},
		{"lobster", file, "--speed", "NaN"},
		{"lobster", file, "--speed", "fast"},
		{"lobster", file, "--embedded", "--addr", "127.0.0.1:1"},
		{"lobster", file, "--addr", "127.0.0.1:1", "--admin-key", "no-such-file"},
	} {
		c := newDriveCommand()
		c.SilenceErrors, c.SilenceUsage = true, true
		c.SetOut(new(bytes.Buffer))
		c.SetArgs(args)
		if err := c.Execute(); err == nil {
			t.Errorf("%v was run", args)
		}
	}
}

func TestDriveFailsWhenTheExchangeDoesNotReconcile(t *testing.T) {
	var out bytes.Buffer
	c := newDriveLobsterCommand()
	c.SetOut(&out)
	r := &lobster.Report{FillsMatched: true, Problems: []string{"order 7 was filled twice"}}
	d := lobsterFlags{asJSON: true}
	if err := d.conclude(c, r); !errors.Is(err, errUnreconciled) {
		t.Errorf("error is %v", err)
	}
	for _, text := range []string{"! order 7 was filled twice", "money conserved", " NO\n", `"reconciled":false`} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("%q is not in:\n%s", text, out.String())
		}
	}
}
