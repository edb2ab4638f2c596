package main

import (
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

// atFlags is what at is told.
type atFlags struct {
	offline
	addr, adminAddr, adminKey string
	depth                     int

	at     api.Time
	market api.ID
}

func newAtCommand() *cobra.Command {
	var f atFlags
	c := &cobra.Command{
		Use:   "at TIME MARKET",
		Short: "Show a market as it was: price, book and positions at a past instant",
		Long: `Show a market as it was at a past instant: its prices, its book and everybody's positions, from the journal of an exchange
that does not run, or with --addr from one that does.

TIME is RFC 3339 (2026-11-03T21:47:00Z), local time (2026-11-03 21:47, seconds optional), or relative (-10m, -1h30m).`,
		Example: `  hustings at "2026-11-03 21:47" 17
  hustings at -10m 17 --addr 127.0.0.1:8080`,
		// A relative time looks like a flag, so run parses the flags itself.
		DisableFlagParsing: true,
		RunE:               func(c *cobra.Command, args []string) error { return unchecked(f.run(c, args)) },
	}
	f.offline.flags(c)
	flags := c.Flags()
	flags.StringVar(&f.addr, "addr", "", "address of a running exchange's API, such as 127.0.0.1:8080, to ask instead of reading files")
	flags.StringVar(&f.adminAddr, "admin-addr", "127.0.0.1:8081", "address of the running exchange's operator API, for positions")
	flags.StringVar(&f.adminKey, "admin-key", "", "file with the running exchange's operator key (default: DATA/admin.key)")
	flags.IntVar(&f.depth, "depth", 20, "levels of the book on each side, 1 to 1,000")
	return c
}

// relative is how a time begins that is meant from now.
var relative = regexp.MustCompile(`^-[0-9.]+[a-zµ]`)

func (f *atFlags) run(c *cobra.Command, args []string) error {
	c.DisableFlagParsing = false
	ago := ""
	for i, arg := range args {
		if relative.MatchString(arg) {
			ago, args[i] = arg, "ago" // stands for it among the arguments
			break
		}
	}
	if err := c.ParseFlags(args); err != nil {
		return err
	}
	if help, err := c.Flags().GetBool("help"); err == nil && help {
		return c.Help()
	}
	args = c.Flags().Args()
	if err := cobra.ExactArgs(2)(c, args); err != nil {
		return err
	}
	if ago != "" && args[0] == "ago" {
		args[0] = ago
	}
	if f.depth < 1 || f.depth > api.MaxLevels {
		return fmt.Errorf("--depth %d: must be 1 to %d", f.depth, api.MaxLevels)
	}
	var err error
	if f.at, err = parseInstant(args[0], time.Now()); err != nil {
		return err
	}
	if f.market, err = api.ParseID(args[1]); err != nil {
		return fmt.Errorf("the market %q %w", args[1], err)
	}
	read := f.fromFiles
	if f.addr != "" {
		read = f.fromExchange
	}
	then, err := read(c.Context())
	if err != nil {
		return err
	}
	return then.print(c, f.asJSON)
}

// parseInstant reads a TIME.
func parseInstant(text string, now time.Time) (api.Time, error) {
	if relative.MatchString(text) {
		ago, err := time.ParseDuration(text)
		if err != nil {
			return 0, fmt.Errorf("the time %q is not relative as -10m is: %w", text, err)
		}
		return api.Time(now.Add(ago).UnixNano()), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"} {
		if err == nil {
			break
		}
		t, err = time.ParseInLocation(layout, text, now.Location())
	}
	if err != nil {
		return 0, fmt.Errorf(`the time %q is none: it is written 2026-11-03T21:47:00Z, "2026-11-03 21:47" or -10m`, text)
	}
	if t.After(now) {
		return 0, fmt.Errorf("the time %s is yet to come", t.Format(time.RFC3339))
	}
	if t.Unix() < 0 {
		return 0, fmt.Errorf("the time %s is before 1970", t.Format(time.RFC3339))
	}
	return api.Time(t.UnixNano()), nil
}
