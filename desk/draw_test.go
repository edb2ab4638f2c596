package desk

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hustings/hustings/api"
)

func TestLadder(t *testing.T) {
	const want = `
     price  contracts  orders
ask   0.65         20       2  ██████████████████████████▋
ask   0.61          6       1  ████████
                               spread 0.03, middle 59.50 %
bid   0.58          8       1  ██████████▋
bid   0.50         30       3  ████████████████████████████████████████
`
	if got := "\n" + (&desk{}).drawLadder(&yesBook); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	for _, test := range []struct {
		book api.Book
		want string
	}{
		{api.Book{}, "Nobody offers or bids"},
		{api.Book{Bids: yesBook.Bids}, "nobody offers"},
		{api.Book{Asks: yesBook.Asks}, "nobody bids"},
	} {
		if got := (&desk{}).drawLadder(&test.book); !strings.Contains(got, test.want) {
			t.Errorf("%q is not in\n%s", test.want, got)
		}
	}
}

// Colours do not move anything, and are only there where they can be shown.
func TestColoursKeepTablesAligned(t *testing.T) {
	bare := (&desk{}).drawLadder(&yesBook)
	painted := (&desk{screen: screen{colours: true}}).drawLadder(&yesBook)
	if strings.Contains(bare, "\x1b") || !strings.Contains(painted, "\x1b[32m0.58\x1b[0m") {
		t.Errorf("%q\n%q", bare, painted)
	}
	for _, p := range []paint{green, red, faint, bold} {
		painted = strings.ReplaceAll(painted, "\x1b["+string(p)+"m", "")
	}
	stripped := strings.ReplaceAll(painted, "\x1b[0m", "")
	for i, line := range strings.Split(stripped, "\n") {
		if want := strings.Split(bare, "\n")[i]; strings.TrimRight(line, " ") != want {
			t.Errorf("%q, want %q", line, want)
		}
	}
}

// A table that is too wide for the screen shortens the column that can give, and no other.
func TestTableFitsTheScreen(t *testing.T) {
	table := table{columns: []column{{"market", true, false}, {"question", false, true}, {"price", true, false}}}
	table.add(text("17"), text("Will the northern line run on time all through the week?"), text("0.62"))
	table.add(text("9"), text("Will it rain?"), text("0.0710"))
	for _, width := range []int{0, 40, 60, 200} {
		for _, line := range strings.Split(strings.TrimSuffix(table.draw(screen{width: width}), "\n"), "\n") {
			if n := utf8.RuneCountInString(line); width > 0 && n > width || !strings.HasSuffix(line, "price") && !strings.Contains(line, "0.") {
				t.Errorf("in %d: %q", width, line)
			}
		}
	}
	if drawn := table.draw(screen{width: 40}); !strings.Contains(drawn, "Will the northern line …") {
		t.Errorf("\n%s", drawn)
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		money(0): "0.00", money(12_345_678_9012): "12,345,678.9012", money(-5_000): "−0.50", money(99_9750): "99.975", money(1_000_0000): "1,000.00",
		price(0): "-", price(6_200): "0.62", price(9_990): "0.999", price(1): "0.0001", percent(6_200): "62 %", percent(6_125): "61.25 %", percent(0): "-",
		gain(5_0000).text: "+5.00", gain(-5_0000).text: "−5.00", gain(0).text: "0.00",
		contractName(api.Yes, ""): "Yes", contractName("London", api.Yes): "London", contractName("London", api.No): "London (No)", contractName("yes", api.Yes): "yes",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	at := time.Date(2026, 11, 3, 21, 47, 0, 0, time.UTC)
	for then, want := range map[time.Duration]string{0: "21:47:00", -24 * time.Hour: "2026-11-02 21:47", 3 * time.Hour: "2026-11-04 00:47"} {
		if got := when(api.Time(at.Add(then).UnixNano()), at); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
