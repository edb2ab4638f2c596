package market

import (
	"github.com/hustings/hustings/exchange/wire/codec"
)

// Fields walks over a market's fields for a snapshot.
func (m *Market) Fields(c *codec.Codec) {
	codec.U64(c, &m.CloseAt)
	codec.U64(c, &m.DisputeWindow)
	codec.U64(c, &m.Fees)
	codec.U64(c, &m.CancelBelow)
	codec.U32(c, &m.Books)
	codec.U32(c, &m.PositionLimit)
	codec.U32(c, &m.OpenOrders)
	codec.U32(c, &m.Version)
	codec.U32(c, &m.Timer)
	codec.U16(c, &m.TakerFee)
	codec.U16(c, &m.MakerShare)
	codec.U16(c, &m.Collar)
	codec.U16(c, &m.Tick.Middle)
	codec.U16(c, &m.Tick.Edge)
	codec.U16(c, &m.Tick.EdgeWidth)
	codec.U8(c, &m.Count)
	codec.U8(c, &m.Flags)
	codec.U8(c, &m.State)
	codec.U8(c, &m.CancelReason)
	codec.Flag(c, &m.Halted)
	codec.Flag(c, &m.Traded)
	codec.U32(c, &m.Work.Position)
	codec.U16(c, &m.Work.Tick)
	codec.U8(c, &m.Work.Phase)
	codec.U8(c, &m.Work.Book)
	codec.Flag(c, &m.Queued)
	codec.U8(c, &m.Stage)
	m.Keys.Fields(c)
	if m.Texts == nil {
		m.Texts = new(Texts)
	}
	t := *m.Texts
	c.Text(&t.Question)
	c.Text(&t.Rules)
	hasMore := t.More != nil
	if codec.Flag(c, &hasMore); hasMore {
		more := m.More()
		c.Texts(&more.Outcomes)
		c.Prices(&more.Values)
		c.Text(&more.Source)
		c.Text(&more.Evidence)
		codec.U64(c, &more.PayAfter)
		more.Moving.fields(c)
		t.More = &more
	}
	if c.Reading() {
		m.Texts = NewTexts(t.Question, t.Rules, t.More)
	}
}

func (m *Moving) fields(c *codec.Codec) {
	codec.U32(c, &m.Moves)
	codec.U32(c, &m.Part)
	codec.U16(c, &m.With)
	codec.U64(c, &m.Held)
	for i := range m.Left {
		codec.U32(c, &m.Left[i])
	}
	codec.Flag(c, &m.Doomed)
}
