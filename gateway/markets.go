package gateway

import (
	"fmt"
	"unicode/utf8"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
)

func (c *call) listMarkets() *api.Problem {
	q := c.query()
	words, _ := q.text("q")
	if !utf8.ValidString(words) || len(words) > maxSearch {
		q.fail("q", fmt.Sprintf("q must be UTF-8 text of at most %d bytes.", maxSearch))
	}
	filter := projection.MarketFilter{
		Text: words, Limit: q.limit(), After: q.marketCursor(),
		Sort: projection.Sort(q.word("sort", int(projection.SortNewest), marketSorts...)),
	}
	if state := q.word("status", -1, marketStates...); state >= 0 {
		filter.States = projection.States(exchange.MarketState(state))
	}
	if q.problem != nil {
		return q.problem
	}
	page := c.s.reader.Markets(filter)
	answer := api.Markets{Markets: make([]api.MarketInfo, 0, len(page.Markets)), Page: api.Page{Seq: api.ID(c.seq)}}
	for i := range page.Markets {
		m := marketInfo(&page.Markets[i])
		m.Rules = ""
		answer.Markets = append(answer.Markets, m)
	}
	if page.More {
		answer.NextCursor = writeCursor(page.Next.Key, uint64(page.Next.Market))
	}
	return c.answer(&answer)
}

const maxSearch = 200

var (
	marketSorts = []string{
		projection.SortNewest: "newest", projection.SortOldest: "oldest", projection.SortVolume: "volume",
		projection.SortActivity: "activity", projection.SortClosing: "closing",
	}
	marketStates = []string{
		exchange.StateOpen: "open", exchange.StateSuspended: "suspended", exchange.StateClosed: "closed",
		exchange.StateResolved: "resolved", exchange.StateSettled: "settled", exchange.StateVoiding: "voiding",
		exchange.StateVoided: "voided",
	}
)

func (q *query) marketCursor() projection.MarketCursor {
	n := q.cursor(2)
	return projection.MarketCursor{Key: n[0], Market: exchange.MarketID(n[1])}
}

func (c *call) getMarket() *api.Problem {
	m, p := c.market()
	if p != nil {
		return p
	}
	info := marketInfo(&m)
	info.Seq = api.ID(c.seq)
	c.etag = m.Version
	return c.answer(&info)
}

// market reads the market that the path names.
func (c *call) market() (projection.Market, *api.Problem) {
	id, p := c.marketID()
	if p != nil {
		return projection.Market{}, p
	}
	m, found := c.s.reader.Market(id)
	if !found {
		p = api.RejectProblem(exchange.RejectMarketNotFound, 0, "market")
	}
	return m, p
}

func marketInfo(m *projection.Market) api.MarketInfo {
	s := &m.Spec
	info := api.MarketInfo{
		Market: api.ID(m.ID), Question: s.Question, Rules: s.Rules, Kind: api.Binary, Status: m.State.String(),
		Halted: m.Halted, HaltDetail: m.Ending.HaltDetail, Outcomes: outcomeInfos(m),
		CreatedAt: api.Time(m.CreatedAt), ActiveAt: api.Time(m.ActiveAt), CloseAt: api.Time(s.CloseAt),
		Tick:     api.Tick{Step: api.Price(s.Tick.Middle), EdgeStep: api.Price(s.Tick.Edge), EdgeWidth: api.Price(s.Tick.EdgeWidth)},
		TakerFee: api.Rate(s.TakerFee), MakerShare: api.Rate(s.MakerShare), PositionLimit: uint32(s.PositionLimit),
		Collar: api.Price(s.Collar), DisputeWindowSeconds: int64(s.DisputeWindow) / 1e9,
		KeepOrdersOnSuspend: s.Flags&exchange.KeepOrdersOnSuspend != 0, SelfTradesAllowed: s.Flags&exchange.SelfTradesAllowed != 0,
		Volume: m.Volume, DayVolume: m.DayVolume, Trades: m.Trades, VoidReason: m.Ending.VoidReason, Version: m.Version,
	}
	if s.Outcomes != nil {
		info.Kind = api.Categorical
	}
	if m.State == exchange.StateResolved || m.State == exchange.StateSettled {
		info.Resolution = resolution(m)
	}
	return info
}

func resolution(m *projection.Market) *api.Resolution {
	r := &api.Resolution{Source: m.Ending.Source, Evidence: m.Ending.Evidence, PayAfter: api.Time(m.PayAfter)}
	for _, b := range m.Books {
		r.Values = append(r.Values, api.Price(b.Value))
	}
	if m.Spec.Outcomes == nil {
		r.Values = append(r.Values, api.Price(m.Books[0].Value.Complement()))
	}
	return r
}

// outcomeInfos describes the outcomes; the one book of a binary market from both sides.
func outcomeInfos(m *projection.Market) []api.OutcomeInfo {
	if m.Spec.Outcomes == nil {
		b := &m.Books[0]
		return []api.OutcomeInfo{outcomeInfo(api.Yes, b), outcomeInfo(api.No, noSide(b))}
	}
	infos := make([]api.OutcomeInfo, len(m.Books))
	for i := range m.Books {
		infos[i] = outcomeInfo(m.Spec.Outcomes[i], &m.Books[i])
	}
	return infos
}

func outcomeInfo(name string, b *projection.Book) api.OutcomeInfo {
	return api.OutcomeInfo{
		Outcome: name, BestBid: api.Price(b.Bid), BestAsk: api.Price(b.Ask), LastPrice: api.Price(b.Last),
		DayOpenPrice: api.Price(b.DayBefore), Volume: b.Volume, DayVolume: b.DayVolume, OpenInterest: b.Yes,
	}
}

// noSide is a book in terms of No. Where there is no price it stays that way.
func noSide(b *projection.Book) *projection.Book {
	no := *b
	no.Bid, no.Ask = complement(b.Ask), complement(b.Bid)
	no.Last, no.DayBefore = complement(b.Last), complement(b.DayBefore)
	return &no
}

func complement(p exchange.Price) exchange.Price {
	if p == 0 {
		return 0
	}
	return p.Complement()
}
