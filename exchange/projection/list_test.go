package projection_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

var vocabulary = []string{"will", "Wilson", "win", "THE", "president", "presidential", "presidents", "Präsident", "præsident",
	"no", "2026", "2027", "x-ray", "être", "国家"}

// listed are markets that a list is made of, as a naive search sees them.
type listed struct {
	id     exchange.MarketID
	text   string
	state  exchange.MarketState
	volume uint64
	active exchange.Time
	closes exchange.Time
}

func drawListed(t *rapid.T, id exchange.MarketID) listed {
	word := rapid.SampledFrom(vocabulary)
	m := listed{id: id, text: strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "words"), rapid.SampledFrom([]string{" ", ", ", "…"}).Draw(t, "between"))}
	m.state = exchange.MarketState(rapid.IntRange(0, 6).Draw(t, "state"))
	m.volume = uint64(rapid.IntRange(0, 3).Draw(t, "volume"))
	m.active = exchange.Time(rapid.IntRange(1, 5).Draw(t, "activity"))
	m.closes = exchange.Time(rapid.IntRange(0, 3).Draw(t, "close"))
	return m
}

func (m *listed) market() *projection.Market {
	return &projection.Market{
		ID: m.id, Version: 1, State: m.state, ActiveAt: m.active, Books: []projection.Book{{Volume: m.volume}},
		Spec: exchange.MarketSpec{Question: m.text, CloseAt: m.closes},
	}
}

// matches is what a search means: each word of it begins a word of the text, and one of 1 or 2 bytes is a word of it.
func (m *listed) matches(search string) bool {
	words := strings.FieldsFunc(strings.ToLower(m.text), notInWord)
	for _, w := range strings.FieldsFunc(strings.ToLower(search), notInWord) {
		if !slices.ContainsFunc(words, func(have string) bool {
			return have == w || len(w) >= 3 && strings.HasPrefix(have, w)
		}) {
			return false
		}
	}
	return true
}

func notInWord(r rune) bool { return strings.ContainsRune(" ,-…", r) }

func compareListed(by projection.Sort) func(a, b listed) int {
	newest := func(a, b listed) int { return cmp.Compare(b.id, a.id) }
	return func(a, b listed) int {
		switch by {
		case projection.SortOldest:
			return -newest(a, b)
		case projection.SortVolume:
			return cmp.Or(cmp.Compare(b.volume, a.volume), newest(a, b))
		case projection.SortActivity:
			return cmp.Or(cmp.Compare(b.active, a.active), newest(a, b))
		case projection.SortClosing:
			if (a.closes == 0) != (b.closes == 0) {
				return cmp.Compare(b.closes, a.closes)
			}
			return cmp.Or(cmp.Compare(a.closes, b.closes), newest(a, b))
		}
		return newest(a, b)
	}
}

func TestMarketsAreListedAsANaiveSearchWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []listed
		b := projection.NewBuilder(0, 0)
		for id := range exchange.MarketID(rapid.IntRange(0, 60).Draw(t, "markets")) {
			m := drawListed(t, id+1)
			all = append(all, m)
			if err := b.AddMarket(m.market()); err != nil {
				t.Fatal(err)
			}
		}
		v := b.View()
		f := projection.MarketFilter{Limit: rapid.IntRange(1, 20).Draw(t, "limit"), Sort: projection.Sort(rapid.IntRange(0, 4).Draw(t, "sort"))}
		if word := rapid.SampledFrom(vocabulary).Draw(t, "search"); rapid.Bool().Draw(t, "searching") {
			runes := []rune(word)
			f.Text = string(runes[:rapid.IntRange(1, len(runes)).Draw(t, "letters")]) + " " + rapid.SampledFrom([]string{"", "wil"}).Draw(t, "and")
		}
		for range rapid.IntRange(0, 2).Draw(t, "states") {
			f.States |= projection.States(exchange.MarketState(rapid.IntRange(0, 6).Draw(t, "state")))
		}
		var want []exchange.MarketID
		slices.SortFunc(all, compareListed(f.Sort))
		for _, m := range all {
			if m.matches(f.Text) && (f.States == 0 || f.States&projection.States(m.state) != 0) {
				want = append(want, m.id)
			}
		}
		var got []exchange.MarketID
		for {
			page := v.Markets(f)
			for _, m := range page.Markets {
				got = append(got, m.ID)
			}
			if !page.More {
				break
			}
			if len(page.Markets) != f.Limit {
				t.Fatalf("a page of %d with limit %d", len(page.Markets), f.Limit)
			}
			f.After = page.Next
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v gives %v, want %v", f, got, want)
		}
	})
}

// The list takes one way for a few markets found, another for many, and a third when many are found of which few fit.
func TestEveryWayOfSearchingFindsTheSame(t *testing.T) {
	b := projection.NewBuilder(0, 0)
	const n = 40_000
	for i := range n {
		m := &projection.Market{ID: exchange.MarketID(i + 1), Version: 1, Books: []projection.Book{{Volume: uint64(n - i)}},
			Spec: exchange.MarketSpec{Question: fmt.Sprintf("Will %d be even?", i%2)}}
		if i < 20_000 { // those of greatest volume are not found, nor those of them that are open
			m.Spec.Question = "Something else altogether"
		}
		if i%5_000 != 0 {
			m.State = exchange.StateSettled
		}
		if err := b.AddMarket(m); err != nil {
			t.Fatal(err)
		}
	}
	v := b.View()
	for _, c := range []struct {
		name   string
		filter projection.MarketFilter
		want   []exchange.MarketID
	}{
		{"few", projection.MarketFilter{Text: "else altogether", States: projection.States(exchange.StateOpen), Limit: 9}, []exchange.MarketID{15001, 10001, 5001, 1}},
		{"many", projection.MarketFilter{Text: "even", Limit: 2}, []exchange.MarketID{40_000, 39_999}},
		{"many and late", projection.MarketFilter{Text: "even", Sort: projection.SortVolume, Limit: 2}, []exchange.MarketID{20_001, 20_002}},
		{"many and few that fit", projection.MarketFilter{Text: "even", States: projection.States(exchange.StateOpen), Sort: projection.SortOldest, Limit: 9},
			[]exchange.MarketID{20_001, 25_001, 30_001, 35_001}},
		{"both words", projection.MarketFilter{Text: "will altogether", Limit: 9}, nil},
	} {
		var got []exchange.MarketID
		for _, m := range v.Markets(c.filter).Markets {
			got = append(got, m.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	mustApply(t, v, 0, &exchange.MarketUpdated{Market: n, Version: 2, Question: "Something else altogether"})
	if page := v.Markets(projection.MarketFilter{Text: "even", Limit: 1}); page.Markets[0].ID != n-1 {
		t.Errorf("market %d is found by a word that it has no more", page.Markets[0].ID)
	}
}
