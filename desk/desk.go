package desk

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

// GroupID is the group of the commands in the program's help.
const GroupID = "trading"

// Commands returns the commands of a trader.
func Commands() []*cobra.Command {
	all := []*cobra.Command{
		newMarketsCommand(), newMarketCommand(), newBookCommand(), newTradesCommand(), newWatchCommand(),
		newOrderCommand(), newAmendCommand(), newCancelCommand(), newOrdersCommand(), newPortfolioCommand(),
		newDepositCommand(), newWithdrawCommand(),
		newRegisterCommand(), newLoginCommand(), newLogoutCommand(), newKeysCommand(),
	}
	for _, c := range all {
		c.GroupID = GroupID
	}
	return all
}

// desk is what a command works with.
type desk struct {
	addresses []string
	asJSON    bool

	path    string // of the profile
	profile profile
	key     string
	input   io.Reader
	screen  screen // the answer
	notes   io.Writer
}

// command makes a command that works at a desk.
func command(c *cobra.Command, work func(ctx context.Context, d *desk, args []string) error) *cobra.Command {
	d := new(desk)
	f := c.Flags()
	f.StringSliceVar(&d.addresses, "api", nil, "address of the exchange's API, such as "+DefaultAPI+"; several, with commas, are tried in turn")
	f.BoolVar(&d.asJSON, "json", false, "print JSON, as the API gives it")
	c.Long = strings.TrimSpace(c.Long+"\n\n"+exitCodes) + "\n"
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt)
		defer stop()
		context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
		if err := d.open(c); err != nil {
			return err
		}
		return explain(work(ctx, d, args))
	}
	return c
}

// open finds out who trades and where.
func (d *desk) open(c *cobra.Command) (err error) {
	d.input, d.screen, d.notes = c.InOrStdin(), newScreen(c.OutOrStdout()), c.ErrOrStderr()
	if d.path, err = profilePath(); err != nil {
		return err
	}
	var shared bool
	if d.profile, shared, err = readProfile(d.path); err != nil {
		return err
	}
	if shared {
		fmt.Fprintf(d.notes, "Others on this machine can read your key in %s: chmod 600 it.\n", d.path)
	}
	if env := os.Getenv("HUSTINGS_API"); len(d.addresses) == 0 && env != "" {
		d.addresses = strings.Split(env, ",")
	}
	home := d.profile.API
	if len(home) == 0 {
		home = []string{DefaultAPI}
	}
	if len(d.addresses) == 0 {
		d.addresses = home
	}
	// The profile's key is for the exchange that gave it: another one must not see it.
	if d.key = os.Getenv("HUSTINGS_KEY"); d.key == "" && subset(d.addresses, home) {
		d.key = d.profile.Key
	}
	return nil
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// guest returns a client for what anyone may do.
func (d *desk) guest() (*client.Client, error) {
	return client.New(d.addresses[0], client.Options{Others: d.addresses[1:], MaxConns: 4})
}

// trader returns a client that speaks for whoever is logged in. Its reads see what was done a moment ago by another
// command.
func (d *desk) trader() (*client.Client, error) {
	if d.key == "" {
		return nil, errNoLogin
	}
	c, err := d.guest()
	if err != nil {
		return nil, err
	}
	return c.As(d.key).Fresh(), nil
}

func (d *desk) show(answer any, drawn string) error { return Print(d.screen, d.asJSON, answer, drawn) }

// Print prints an answer of the API, as JSON or as it was drawn for a person.
func Print(w io.Writer, asJSON bool, answer any, drawn string) error {
	if !asJSON {
		_, err := io.WriteString(w, drawn)
		return err
	}
	if err := json.MarshalWrite(w, answer, jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// id reads an identifier of what.
func id(what, given string) (api.ID, error) {
	id, err := api.ParseID(given)
	if err != nil {
		return 0, failure(exitUsage, "%q is no %s: it is a number, such as 17", given, what)
	}
	return id, nil
}

// collect reads up to most entries of a list; 0 is all.
func collect[T any](list iter.Seq2[T, error], most int) (entries []T, more bool, err error) {
	entries = []T{}
	for e, err := range list {
		if err != nil {
			return nil, false, err
		}
		if most > 0 && len(entries) == most {
			return entries, true, nil
		}
		entries = append(entries, e)
	}
	return entries, false, nil
}

// now is the present, in the reader's time zone.
func now() time.Time { return time.Now() }
