package message

import "github.com/hustings/hustings/exchange"

// Channel is one of the kinds of thing that can be subscribed of a market.
type Channel uint8

// Channels.
const (
	Book   Channel = iota // images and deltas
	Trade                 // trades
	Ticker                // best prices, last price, volume
	Status                // the life of the market
	Channels
)

var channelWords = [Channels]string{"book", "trades", "ticker", "status"}

func (c Channel) String() string {
	if c < Channels {
		return channelWords[c]
	}
	return "unknown"
}

// ParseChannel reads the word for a channel.
func ParseChannel(word string) (c Channel, ok bool) {
	for i, w := range channelWords {
		if w == word {
			return Channel(i), true
		}
	}
	return 0, false
}

// Point is a place in a chain. Epochs are greater for later ones; within an epoch seqs are.
type Point struct {
	Epoch uint32       // moves of the market between shards that had begun
	Seq   exchange.Seq // of an event, as answers of the API carry it
}

// Before reports whether p lies before q.
func (p Point) Before(q Point) bool { return p.Epoch < q.Epoch || p.Epoch == q.Epoch && p.Seq < q.Seq }

// Head begins every message about a market.
type Head struct {
	Market exchange.MarketID
	Point
	Time exchange.Time // log time of the event, whole microseconds
}

// Link is the head of a message that continues a chain.
type Link struct {
	Head
	Prev Point // of the message before it
}

// A Message is one of the types below or, about an account, of those in private.go, by pointer.
type Message interface{ kind() kind }

// Image is a market's books, all levels.
type Image struct {
	Head
	Checksum uint32
	Books    []Levels
}

// Levels is one book, best prices first.
type Levels struct {
	Outcome    string // its name; "yes" for the one book of a binary market
	Bids, Asks []Level
}

// Level is a price and what rests there.
type Level struct {
	Price    exchange.Price
	Quantity uint64
}

// Delta is what has changed in a market's books since the message before.
type Delta struct {
	Link
	Checksum uint32 // of the books as they are now
	Changes  []Change
}

// Change is a level as it is now.
type Change struct {
	Book     exchange.Outcome
	Side     exchange.Side
	Price    exchange.Price
	Quantity uint64 // 0: the level is gone
}

// Trades are the trades since the message before, in their order.
type Trades struct {
	Link
	Trades []Deal
}

// Deal is one trade, in terms of the book's Yes contract.
type Deal struct {
	Seq       exchange.Seq
	Book      exchange.Outcome
	TakerSide exchange.Side
	Price     exchange.Price
	Quantity  exchange.Quantity
}

// Tickers are the tops of those books that have changed since the message before; of all books in the first one, whose Prev
// is its own Point.
type Tickers struct {
	Link
	Tops []Top
}

// Top is what matters most of a book. Prices are 0 where there is none. It fits a cache line.
type Top struct {
	BidQuantity uint64
	AskQuantity uint64
	Volume      uint64 // contracts traded since the market began
	Bid, Ask    exchange.Price
	Last        exchange.Price // of the last trade
	Book        exchange.Outcome
}

// State says what a market is doing now. The first one's Prev is its own Point.
type State struct {
	Link
	State  exchange.MarketState
	Halted bool
	Values []exchange.Price // what Yes pays in each book, once resolved
}

// Heartbeat says that a chain is quiet: Point is that of its newest message, which the next one names, and every Seq of the
// market from there to before Next is known to have changed nothing in it.
type Heartbeat struct {
	Head
	Channel Channel
	Next    exchange.Seq
}

// Gap says that messages were left out behind Point, because the connection is too slow or the exchange has lost them. A
// beginning of the chain follows.
type Gap struct {
	Head
	Channel Channel
}

// Chain says that what follows continues from Point: retransmitted messages, or those of a channel that begins without an image.
type Chain struct {
	Head
	Channel Channel
}

type kind uint8

const (
	kindImage kind = iota + 1
	kindDelta
	kindTrades
	kindTickers
	kindState
	kindHeartbeat
	kindGap
	kindChain
	kindAccount
	kindOrder
	kindFill
	kindBalance
)

func (*Image) kind() kind     { return kindImage }
func (*Delta) kind() kind     { return kindDelta }
func (*Trades) kind() kind    { return kindTrades }
func (*Tickers) kind() kind   { return kindTickers }
func (*State) kind() kind     { return kindState }
func (*Heartbeat) kind() kind { return kindHeartbeat }
func (*Gap) kind() kind       { return kindGap }
func (*Chain) kind() kind     { return kindChain }

// Micros cuts a time to whole microseconds, as the feed carries them.
func Micros(t exchange.Time) exchange.Time { return t - t%1000 }
