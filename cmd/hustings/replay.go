package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/audit"
)

func newReplayCommand() *cobra.Command {
	var o offline
	options := audit.ReplayOptions{Limit: 10}
	c := &cobra.Command{
		Use:   "replay",
		Short: "Run a recorded log through this program and show what would come out differently",
		Long: `Run the recorded log of an exchange that does not run through the state machine of this program, and compare the
events that it gives with those in the journal, entry by entry. Then compare the states at the end: who would have
other money.

It changes nothing. The exit code is 0 if all is the same, 1 if something differs, and 2 if that could not be found out.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return unchecked(replay(c, &o, options)) },
	}
	o.flags(c)
	f := c.Flags()
	f.BoolVar(&options.FromSnapshot, "from-snapshot", false, "begin with the newest snapshot instead of the first entry")
	f.IntVar(&options.Limit, "limit", options.Limit, "entries, accounts and lines of state to show")
	return c
}

// replayReport is the JSON of replay.
type replayReport struct {
	*audit.Replay
	Same    bool    `json:"same"`
	Dir     string  `json:"dir"`
	Version string  `json:"version"` // of this program
	Seconds float64 `json:"seconds"`
}

func replay(c *cobra.Command, o *offline, options audit.ReplayOptions) error {
	if options.Limit < 0 {
		return fmt.Errorf("--limit %d: must not be negative", options.Limit)
	}
	return o.each(func(s shardFiles) (clean bool, err error) {
		p := newProgress(c, "replaying", 1)
		options.Progress = func(done, total int64) { p.setOf(int(done), int(total)) }
		begun := time.Now()
		result, err := audit.ReplayLog(s.dir, options)
		p.finish()
		if err != nil {
			return false, err
		}
		j := replayReport{result, result.Same(), s.dir, version(), round(time.Since(begun).Seconds(), 3)}
		return j.Same, printReplayed(c, &j, options.Limit, o.asJSON)
	})
}

func printReplayed(c *cobra.Command, j *replayReport, limit int, asJSON bool) error {
	var b strings.Builder
	from := "the first entry"
	if j.Snapshot != "" {
		from = j.Snapshot
	}
	fmt.Fprintf(&b, "Replayed %s through hustings %s, from %s\n", j.Dir, j.Version, from)
	fmt.Fprintf(&b, "%s commands in %s entries gave %s events, in %s s\n", number(j.Commands), number(j.Entries), number(j.Events), number(j.Seconds))
	if j.Unwritten > 0 {
		fmt.Fprintf(&b, "The last %s of the events are not in the journal yet and were not compared.\n", number(j.Unwritten))
	}
	if j.Stopped != "" {
		fmt.Fprintf(&b, "\nThe state machine STOPPED: %s\n", j.Stopped)
	}
	for i := range j.Differences {
		writeDifference(&b, &j.Differences[i])
	}
	if j.Same {
		fmt.Fprintf(&b, "\nNo difference: this program gives the events that were recorded, and the same state.\n")
	} else {
		writeSummary(&b, j, limit)
	}
	return printResult(c, b.String(), j, asJSON)
}

// mostChanges bounds the events that are shown of one entry.
const mostChanges = 20

// writeDifference shows one entry: recorded on the left, replayed on the right.
func writeDifference(b *strings.Builder, d *audit.Difference) {
	fmt.Fprintf(b, "\nEntry %d, %s\n", d.Index, d.Time.Std().Format(time.RFC3339Nano))
	for i := range d.Changes[:min(len(d.Changes), mostChanges)] {
		c := &d.Changes[i]
		switch {
		case c.Replayed == nil:
			fmt.Fprintf(b, "  event %d, only recorded: %s\n", c.Recorded.Seq, c.Recorded)
			continue
		case c.Recorded == nil:
			fmt.Fprintf(b, "  event %d, only replayed: %s\n", c.Replayed.Seq, c.Replayed)
			continue
		}
		rows := [][]string{{"event " + strconv.FormatUint(c.Recorded.Seq, 10) + ", " + c.Kind(), "recorded", "replayed"}}
		for _, f := range c.Differing() {
			rows = append(rows, []string{"  " + f.Name, f.Recorded, f.Replayed})
		}
		writeColumns(b, "  ", rows)
	}
	if more := len(d.Changes) - mostChanges; more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
}

// writeSummary counts what differs, and shows what that would come to.
func writeSummary(b *strings.Builder, j *replayReport, limit int) {
	fmt.Fprintf(b, "\n%s of %s entries differ", number(j.Differing), number(j.Entries))
	if more := j.Differing - len(j.Differences); more > 0 {
		fmt.Fprintf(b, "; %s of them are not shown (--limit)", number(more))
	}
	b.WriteString("\n")
	rows := [][]string{{"events", "changed", "only recorded", "only replayed"}}
	for _, kind := range slices.Sorted(maps.Keys(j.Kinds)) {
		t := j.Kinds[kind]
		rows = append(rows, []string{kind, number(t.Changed), number(t.Recorded), number(t.Replayed)})
	}
	if len(rows) > 1 {
		writeColumns(b, "  ", rows)
	}
	if len(j.Balances) == 0 {
		b.WriteString("\nNobody would have other money.\n")
	} else {
		fmt.Fprintf(b, "\nAccounts that would have other money: %s\n", number(len(j.Balances)))
		rows = [][]string{{"account", "name", "cash recorded", "replayed", "held recorded", "replayed", "owed recorded", "replayed"}}
		for _, a := range j.Balances[:min(len(j.Balances), limit)] {
			rows = append(rows, []string{fmt.Sprint(a.Account), a.Name, a.Recorded.Cash.String(), a.Replayed.Cash.String(),
				a.Recorded.Held.String(), a.Replayed.Held.String(), a.Recorded.Owed.String(), a.Replayed.Owed.String()})
		}
		writeColumns(b, "  ", rows)
	}
	for i, line := range j.State[:min(len(j.State), limit)] {
		if i == 0 {
			b.WriteString("\nWhat else would differ at the end, recorded first\n")
		}
		fmt.Fprintf(b, "  %s\n", line)
	}
}
