package main

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

// instant is a market as it was. Its JSON is that of the API with the positions beside it.
type instant struct {
	api.MarketAt
	Question     string         `json:"question,omitzero"` // from files only
	Positions    []api.Position `json:"positions"`
	HasPositions bool           `json:"has_positions"` // false: they could not be read
	Notes        []string       `json:"notes,omitzero"`
}

func (n *instant) print(c *cobra.Command, asJSON bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Market %v at %v", n.Market, n.Time)
	if n.Question != "" {
		fmt.Fprintf(&b, ": %s", n.Question)
	}
	fmt.Fprintf(&b, "\n%s, after event %s\n\n", n.Status, number(uint64(n.Seq)))
	rows := [][]string{{"outcome", "last", "bid", "ask", "volume", "open interest"}}
	for _, o := range n.Outcomes {
		rows = append(rows, []string{o.Outcome, orNone(o.LastPrice), orNone(o.BestBid), orNone(o.BestAsk), number(o.Volume), number(o.OpenInterest)})
	}
	writeColumns(&b, "  ", rows)
	for i := range n.Books {
		writeBook(&b, &n.Books[i])
	}
	n.writePositions(&b)
	for _, note := range n.Notes {
		fmt.Fprintf(&b, "\nNote: %s\n", note)
	}
	if asJSON {
		line, err := json.Marshal(n)
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

func orNone(p api.Price) string {
	if p == 0 {
		return "none"
	}
	return p.String()
}

func writeBook(b *strings.Builder, book *api.Book) {
	if len(book.Bids)+len(book.Asks) == 0 {
		fmt.Fprintf(b, "\nBook of %s: empty\n", book.Outcome)
		return
	}
	fmt.Fprintf(b, "\nBook of %s\n", book.Outcome)
	rows := [][]string{{"bid", "contracts", "orders", "ask", "contracts", "orders"}}
	side := func(levels []api.Level, i int) []string {
		if i >= len(levels) {
			return []string{"", "", ""}
		}
		return []string{levels[i].Price.String(), number(levels[i].Quantity), number(levels[i].Orders)}
	}
	for i := range max(len(book.Bids), len(book.Asks)) {
		rows = append(rows, append(side(book.Bids, i), side(book.Asks, i)...))
	}
	writeColumns(b, "  ", rows)
}

func (n *instant) writePositions(b *strings.Builder) {
	if !n.HasPositions {
		return
	}
	if len(n.Positions) == 0 {
		b.WriteString("\nNobody had a position.\n")
		return
	}
	b.WriteString("\nPositions\n")
	rows := [][]string{{"account", "outcome", "contracts", "reserved", "cost", "worth"}}
	for _, p := range n.Positions {
		outcome := p.Outcome
		if p.Contract != "" {
			outcome += ", " + p.Contract
		}
		rows = append(rows, []string{p.Account.String(), outcome, number(p.Quantity), number(p.Reserved), p.Cost.String(), p.Value.String()})
	}
	writeColumns(b, "  ", rows)
}
