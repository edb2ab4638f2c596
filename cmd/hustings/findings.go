package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
)

func newFindingsCommand() *cobra.Command {
	var o operator
	var kind string
	var market uint32
	var asJSON bool
	c := &cobra.Command{
		Use:   "findings",
		Short: "List what the manipulation watch has found",
		Long: `List what the manipulation watch has found, the newest first: what looks like manipulation, where, by whom, and the events to
look at. A finding accuses nobody. The score says how far beyond the limit it is, in per cent.

Accounts are watched over all markets and shards.

Kinds: volume_surge, order_to_trade, layering, wash_pair, self_trade, wash_ring. docs/api.md explains them.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			query := url.Values{}
			if kind != "" {
				query.Set("kind", kind)
			}
			if market != 0 {
				query.Set("market", strconv.FormatUint(uint64(market), 10))
			}
			var page api.Findings
			err := o.asked(askPatience, func(ctx context.Context, cl *client.Client) (err error) {
				page, err = cl.Findings(ctx, query)
				return err
			})
			if err != nil {
				return err
			}
			return printEither(c.OutOrStdout(), asJSON, page, drawFindings)
		},
	}
	o.flags(c.Flags())
	f := c.Flags()
	f.StringVar(&kind, "kind", "", "only those of this kind")
	f.Uint32Var(&market, "market", 0, "only those with evidence of this market")
	f.BoolVar(&asJSON, "json", false, "print JSON, as the operator's API gives it")
	return c
}

// drawFindings is a page of findings as a person reads it.
func drawFindings(page api.Findings) string {
	var b strings.Builder
	if len(page.Findings) == 0 {
		return "Nothing was found.\n"
	}
	rows := [][]string{{"until", "kind", "markets", "accounts", "score", "observed", "limit", "for", "events"}}
	for _, f := range page.Findings {
		rows = append(rows, []string{f.To.Std().Format(time.DateTime), f.Kind, ids(f.Markets), ids(f.Accounts), strconv.Itoa(int(f.Score)) + " %",
			number(uint64(f.Observed)), number(uint64(f.Limit)), f.To.Std().Sub(f.From.Std()).Round(time.Second).String(), ids(f.Evidence)})
	}
	writeColumns(&b, "", rows)
	if page.NextCursor != "" {
		fmt.Fprintln(&b, "There are more: GET /api/admin/findings gives all of them, page by page.")
	}
	return b.String()
}

func ids(all []api.ID) string {
	var words []string
	for _, id := range all {
		words = append(words, id.String())
	}
	return strings.Join(words, " ")
}
