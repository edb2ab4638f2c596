package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/load/lobster"
)

// lobsterFlags is what drive lobster is told.
type lobsterFlags struct {
	target
	embedded bool
	once     bool
	speed    string
	asJSON   bool

	messages []lobster.Message
	plan     *lobster.Plan
	config   lobster.Config
}

// errUnreconciled is how drive ends when the exchange did not do what it should have.
var errUnreconciled = errors.New("the exchange does not reconcile with the recording")

func newDriveLobsterCommand() *cobra.Command {
	var d lobsterFlags
	c := &cobra.Command{
		Use:   "lobster FILE",
		Short: "Drive a LOBSTER message file, which may be compressed with gzip",
		Long: "Send a recorded stretch of a stock exchange's order flow through the public HTTP API into one market, and\n" +
			"compare what was filled with what the venue filled. Then check that money is conserved, that positions add up to\n" +
			"zero and that the journal tells the same; and, with an embedded exchange, that a second run gives the same\n" +
			"journal but for times and secrets.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return d.run(c, args[0]) },
	}
	f := c.Flags()
	d.target.flags(f)
	f.BoolVar(&d.embedded, "embedded", false, "start an exchange on a temporary directory (default without --addr)")
	f.BoolVar(&d.once, "once", false, "do not drive the recording a second time")
	f.StringVar(&d.speed, "speed", "max", "recorded seconds in a second, or max")
	f.BoolVar(&d.asJSON, "json", false, "print a JSON object as the last line")
	c.MarkFlagsMutuallyExclusive("addr", "embedded")
	return c
}

func (d *lobsterFlags) run(c *cobra.Command, file string) error {
	if d.speed != "max" {
		speed, err := strconv.ParseFloat(d.speed, 64)
		if err != nil || !(speed > 0 && speed <= 1e6) {
			return fmt.Errorf("--speed %s: must be max, or a number above 0 and up to 1,000,000", d.speed)
		}
		d.config.Speed = speed
	}
	if err := d.read(file); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
	defer stop()
	r, err := d.drive(ctx, c)
	if err != nil {
		return err
	}
	if d.addr == "" && !d.once {
		if err := d.driveAgain(ctx, c, r); err != nil {
			return err
		}
	}
	return d.conclude(c, r)
}

// conclude prints the report. That the exchange does not reconcile is an error.
func (d *lobsterFlags) conclude(c *cobra.Command, r *lobster.Report) error {
	r.Judge()
	r.Seconds = round(r.Seconds, 3)
	if err := d.print(c, r); err != nil {
		return err
	}
	if !r.Reconciled {
		return errUnreconciled
	}
	return nil
}

func (d *lobsterFlags) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("opening the recording: %w", err)
	}
	defer f.Close()
	if d.messages, err = lobster.Read(f); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if d.plan, err = lobster.NewPlan(d.messages); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// driveAgain drives the recording into another new exchange and compares the journals.
func (d *lobsterFlags) driveAgain(ctx context.Context, c *cobra.Command, first *lobster.Report) error {
	d.config.Hurry = true
	second, err := d.drive(ctx, c)
	if err != nil {
		return fmt.Errorf("the second run: %w", err)
	}
	same := first.Digest == second.Digest
	if first.Repeated = &same; !same {
		first.Problems = append(first.Problems, fmt.Sprintf("the journal's digest is %s at first and %s again", first.Digest, second.Digest))
	}
	return nil
}

// drive sends the recording to the target and checks what comes back, the journal included.
func (d *lobsterFlags) drive(ctx context.Context, c *cobra.Command) (r *lobster.Report, err error) {
	err = d.with(ctx, client.Options{}, func(ctx context.Context) error {
		outcome, audit, err := d.send(ctx, c)
		if err != nil {
			return err
		}
		r = d.plan.Report(d.messages, outcome, audit)
		if d.addr == "" {
			return d.checkFiles(r, audit)
		}
		return r.CheckProofs(ctx, outcome, audit)
	})
	return r, err
}

func (d *lobsterFlags) send(ctx context.Context, c *cobra.Command) (*lobster.Outcome, *lobster.Audit, error) {
	cfg := d.config
	cfg.Floor = &d.floor
	if d.addr != "" {
		cfg.Tag = "-" + strconv.FormatInt(time.Now().UnixMilli(), 36)
	}
	progress := newProgress(c, "sending requests", 0)
	defer progress.finish()
	cfg.Progress = func(p lobster.Progress) { progress.setOf(p.Requests, p.Of) }
	outcome, err := d.plan.Drive(ctx, d.messages, cfg)
	if err != nil {
		return nil, nil, err
	}
	audit, err := outcome.Audit(ctx)
	return outcome, audit, err
}

// checkFiles stops the embedded exchange and reads its journal.
func (d *lobsterFlags) checkFiles(r *lobster.Report, audit *lobster.Audit) error {
	dir := d.dir
	if err := d.stop(); err != nil {
		return fmt.Errorf("stopping the exchange: %w", err)
	}
	return r.CheckJournal(dir, audit)
}

func (d *lobsterFlags) print(c *cobra.Command, r *lobster.Report) error {
	t := report{title: fmt.Sprintf("%s recorded messages in %s requests, %s s", number(r.Messages), number(r.Requests), number(r.Seconds))}
	t.add("executions by the venue", r.Executions, "")
	t.add("  agreed: one fill, the same order", r.Agreed, "")
	t.add("  differing", r.Differing, "")
	t.add("  unfilled", r.Unfilled, "")
	t.add("adds", r.Adds, "")
	t.add("  out of range", r.AddsOut, "")
	t.add("  crossing", r.AddsCrossing, "")
	t.add("amendments", r.Amendments, "")
	t.add("  of orders already gone", r.AmendsGone, "")
	t.add("deletes", r.Deletes, "")
	t.add("  of orders already gone", r.DeletesGone, "")
	t.add("trades", r.Trades, "")
	check := func(label string, ok bool) { t.add(label, map[bool]string{true: "yes", false: "NO"}[ok], "") }
	check("each order traded as in the naive replay", r.AsExpected)
	check("answers as they should be", r.AnswersRight)
	check("fills in pairs, as answered", r.FillsMatched)
	check("money conserved", r.MoneyConserved)
	check("positions add up to zero", r.PositionsBalanced)
	check("journal verified", r.JournalVerified)
	check("journal has these trades and no others", r.TradesInJournal)
	if r.Repeated != nil {
		check("second run gives the same journal", *r.Repeated)
	}
	check("reconciled", r.Reconciled)
	for _, problem := range r.Problems {
		t.title += "\n  ! " + problem
	}
	return printReport(c, &t, r, d.asJSON)
}
