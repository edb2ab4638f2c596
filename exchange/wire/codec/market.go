package codec

import "github.com/hustings/hustings/exchange"

// MarketSpec is what a market is made with, as commands, events and parts of a market have it.
func (c *Codec) MarketSpec(s *exchange.MarketSpec) {
	U64(c, &s.CloseAt)
	U64(c, &s.DisputeWindow)
	U16(c, &s.Tick.Middle)
	U16(c, &s.Tick.Edge)
	U16(c, &s.Tick.EdgeWidth)
	U16(c, &s.TakerFee)
	U16(c, &s.MakerShare)
	U32(c, &s.PositionLimit)
	U16(c, &s.Collar)
	U8(c, &s.Flags)
	c.Text(&s.Question)
	c.Text(&s.Rules)
	c.Texts(&s.Outcomes)
}
