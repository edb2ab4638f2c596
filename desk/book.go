package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

func newBookCommand() *cobra.Command {
	var depth int
	var only string
	var live bool
	c := &cobra.Command{
		Use:   "book MARKET",
		Short: "Show a market's order book as a ladder",
		Long: `Show what rests in a market's order book, as a ladder: offers above, bids below, the longest bar where most contracts are.
The book of a binary market is that of Yes; --outcome no shows the same from the other side. With --live it is drawn again
as it changes, until Ctrl-C; with --live and --json each line is the book as it is then.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeMarket,
	}
	c.Flags().IntVar(&depth, "depth", 10, "levels on each side, 1 to 1,000")
	c.Flags().BoolVar(&live, "live", false, "show it as it changes")
	c.Flags().StringVar(&only, "outcome", "", "only this outcome (default: yes of a binary market, else all)")
	_ = c.RegisterFlagCompletionFunc("outcome", completeOutcome)
	return command(c, func(ctx context.Context, d *desk, args []string) error {
		guest, err := d.guest()
		if err != nil {
			return err
		}
		m, err := readMarket(ctx, guest, args[0])
		if err != nil {
			return err
		}
		if only, err = bookOutcome(&m, only); err != nil {
			return err
		}
		if live {
			return d.follow(ctx, &m, only, depth)
		}
		book, err := guest.OrderBook(ctx, m.Market, depth, 0)
		if err != nil {
			return err
		}
		book.Books = slices.DeleteFunc(book.Books, func(b api.Book) bool { return only != "" && b.Outcome != only })
		return d.show(book, d.drawBooks(&m, &book))
	})
}

// bookOutcome is the outcome whose book is wanted, "" for all.
func bookOutcome(m *api.MarketInfo, given string) (string, error) {
	switch {
	case given != "":
		return outcome(m, given)
	case m.Kind == api.Binary:
		return api.Yes, nil
	}
	return "", nil
}

func (d *desk) drawBooks(m *api.MarketInfo, book *api.OrderBook) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", d.screen.in(bold, m.Question), d.screen.in(faint, headline(m)))
	for i := range book.Books {
		fmt.Fprintf(&b, "\n%s\n%s", contractName(book.Books[i].Outcome, ""), d.drawLadder(&book.Books[i]))
	}
	return b.String()
}

// barLength is the length of the longest bar of a ladder.
const barLength = 40

// drawLadder draws a book: the best prices meet in the middle.
func (d *desk) drawLadder(book *api.Book) string {
	if len(book.Bids)+len(book.Asks) == 0 {
		return "  Nobody offers or bids. Be the first: hustings order buy …\n"
	}
	var most uint64
	for _, l := range slices.Concat(book.Bids, book.Asks) {
		most = max(most, l.Quantity)
	}
	t := table{columns: []column{{"", false, false}, {"price", true, false}, {"contracts", true, false}, {"orders", true, false}, {"", false, false}}}
	counted := slices.Concat(book.Bids, book.Asks)[0].Orders > 0 // the feed does not say
	if !counted {
		t.columns = slices.Delete(t.columns, 3, 4)
	}
	row := func(side cell, price, contracts cell, orders string, bar cell) {
		cells := []cell{side, price, contracts, text(orders), bar}
		if !counted {
			cells = slices.Delete(cells, 3, 4)
		}
		t.add(cells...)
	}
	level := func(l api.Level, side string, p paint) {
		row(text(side), cell{price(l.Price), p}, text(count(l.Quantity)), count(l.Orders), cell{bar(l.Quantity, most), p})
	}
	for _, l := range slices.Backward(book.Asks) {
		level(l, "ask", red)
	}
	row(text(""), text(""), text(""), "", cell{middle(book), faint})
	for _, l := range book.Bids {
		level(l, "bid", green)
	}
	return t.draw(d.screen)
}

// middle says how far the two sides are apart.
func middle(book *api.Book) string {
	switch {
	case len(book.Bids) == 0:
		return "nobody bids"
	case len(book.Asks) == 0:
		return "nobody offers"
	}
	bid, ask := book.Bids[0].Price, book.Asks[0].Price
	return fmt.Sprintf("spread %s, middle %s", price(ask-bid), percent((bid+ask)/2))
}

// bar is as long as n is in proportion to most, to an eighth of a character.
func bar(n, most uint64) string {
	eighths := max(1, int(n*barLength*8/most))
	const parts = " ▏▎▍▌▋▊▉"
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune(parts)[rest])
	}
	return s
}
