package feed

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/feed/message"
)

// conn is one connection.
type conn struct {
	net.Conn
	in       wsutil.Reader
	patience time.Duration
	reader   message.Reader // of binary messages
	buf      []byte
	writing  sync.Mutex
}

// Subprotocols, as docs/formats/feed.md has them.
const (
	jsonProtocol   = "hustings.json.v1"
	binaryProtocol = "hustings.binary.v1"
)

const (
	connectTime = 10 * time.Second
	maxFrame    = 64 << 20 // bytes
)

func dial(ctx context.Context, to *url.URL, o *Options) (*conn, error) {
	protocol := binaryProtocol
	if o.JSON {
		protocol = jsonProtocol
	}
	var refused error
	d := ws.Dialer{
		Timeout: connectTime, Protocols: []string{protocol}, ReadBufferSize: 64 << 10,
		OnStatusError: func(status int, _ []byte, answer io.Reader) { refused = refusal(status, answer) },
		TLSConfig:     o.TLS,
	}
	if o.Token != "" {
		d.Header = ws.HandshakeHeaderHTTP{"Authorization": {"Bearer " + o.Token}}
	}
	nc, early, _, err := d.Dial(ctx, to.String())
	if refused != nil {
		return nil, refused
	}
	if err != nil {
		return nil, fmt.Errorf("connect to the feed: %w", err)
	}
	c := &conn{Conn: nc, patience: o.Patience}
	if early == nil { // otherwise it has what came with the answer, and reads the rest from the connection
		early = bufio.NewReaderSize(nc, 64<<10)
	}
	c.in = wsutil.Reader{Source: early, State: ws.StateClientSide, MaxFrameSize: maxFrame, OnIntermediate: wsutil.ControlFrameHandler(c, ws.StateClientSide)}
	return c, nil
}

// refusal reads why a connection was refused. The answer is the whole of it, head included.
func refusal(status int, answer io.Reader) error {
	r, err := http.ReadResponse(bufio.NewReader(answer), nil)
	if err != nil {
		return client.Refusal(status, nil)
	}
	defer r.Body.Close()
	const most = 64 << 10
	body, err := io.ReadAll(io.LimitReader(r.Body, most))
	if err != nil {
		body = nil
	}
	return client.Refusal(status, body)
}

// request is what is asked of the exchange.
type request struct {
	Op         string   `json:"op"`
	Channels   []string `json:"channels,omitzero"`
	Markets    []api.ID `json:"markets,omitzero"`
	All        bool     `json:"all,omitzero"`
	ConflateMS int64    `json:"conflate_ms,omitzero"`
	Resume     []place  `json:"resume,omitzero"`
	MinSeq     api.ID   `json:"min_seq,omitzero"`

	Market  api.ID `json:"market,omitzero"`
	Order   api.ID `json:"order,omitzero"`
	Group   api.ID `json:"group,omitzero"`
	Key     string `json:"key,omitzero"`
	IfMatch string `json:"if_match,omitzero"`
	Enabled *bool  `json:"enabled,omitzero"`
	Body    any    `json:"body,omitzero"`
}

// place is the newest message of a chain that has come.
type place struct {
	Market  api.ID `json:"market"`
	Channel string `json:"channel"`
	Epoch   uint32 `json:"epoch"`
	Seq     api.ID `json:"seq"`
}

// text is a request as it is sent, but for its id.
func (r *request) text() ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write a request to the feed: %w", err)
	}
	return text, nil
}

// send sends the text of a request, with an id that the answer will carry.
func (c *conn) send(text []byte, id int) error {
	text = append(strconv.AppendInt(append(slices.Clip(text[:len(text)-1]), `,"id":"`...), int64(id), 10), `"}`...)
	frame, err := ws.CompileFrame(ws.MaskFrameInPlace(ws.NewTextFrame(text)))
	if err == nil {
		_, err = c.Write(frame)
	}
	if err != nil {
		return fmt.Errorf("send a request to the feed: %w", err)
	}
	return nil
}

// Write writes a whole frame. Whoever reads answers pings while others send.
func (c *conn) Write(frame []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.SetWriteDeadline(time.Now().Add(connectTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(frame)
}

// receive returns the next message or *reply, nil for what is about nothing but the connection.
func (c *conn) receive(ctx context.Context) (Message, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	return c.read()
}

// read is receive without a bound of its own.
func (c *conn) read() (Message, error) {
	h, err := c.in.NextFrame()
	if err != nil {
		return nil, fmt.Errorf("listen to the feed: %w", err)
	}
	if h.OpCode.IsControl() {
		if err := c.in.OnIntermediate(h, &c.in); err != nil {
			return nil, closing(err)
		}
		return nil, nil
	}
	c.buf = c.buf[:0]
	if c.buf, err = appendAll(c.buf, &c.in); err != nil {
		return nil, fmt.Errorf("listen to the feed: %w", err)
	}
	if h.OpCode == ws.OpBinary {
		return c.reader.Read(c.buf)
	}
	return parse(c.buf)
}

// closing says why the exchange has ended the connection.
func closing(err error) error {
	var closed wsutil.ClosedError
	if errors.As(err, &closed) {
		return fmt.Errorf("the exchange has closed the connection: %s (%d)", closed.Reason, closed.Code)
	}
	return fmt.Errorf("listen to the feed: %w", err)
}

func appendAll(b []byte, r io.Reader) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

// reply is what the exchange says to a request: ack, answer, error or pong.
type reply struct {
	Type    string         `json:"type"`
	ID      int            `json:"id,string"`
	Status  int            `json:"status"`
	Body    jsontext.Value `json:"body"`
	Problem api.Problem    `json:"problem"`
}

// parse reads a message in JSON.
func parse(text []byte) (Message, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("%w: %w", message.ErrMalformed, err)
	}
	switch head.Type {
	case "ack", "answer", "error", "pong":
		r := new(reply)
		if err := json.Unmarshal(text, r); err != nil {
			return nil, fmt.Errorf("%w: %w", message.ErrMalformed, err)
		}
		return r, nil
	}
	m, err := message.ReadJSON(text)
	if err != nil {
		return nil, err
	}
	return m, nil
}
