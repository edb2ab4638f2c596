package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
)

// scanner reads a request's JSON from front to back without allocating. Beneath it is the strict tokenizer of JSON v2:
// it refuses duplicate names and invalid UTF-8. One scanner is used by one goroutine, again and again.
type scanner struct {
	d   *jsontext.Decoder
	src bytes.Buffer
	tmp []byte // of the last string with escapes

	outcome []byte // name of the outcome of the order that was read last
}

func (s *scanner) reset(body []byte) {
	s.src = *bytes.NewBuffer(body)
	if s.d == nil {
		s.d = jsontext.NewDecoder(&s.src)
	} else {
		s.d.Reset(&s.src)
	}
}

// open reads the bracket or brace that begins a value.
func (s *scanner) open(kind jsontext.Kind, where string) *api.Problem {
	if got := s.d.PeekKind(); got != kind && got != 0 {
		what := "an object"
		if kind == '[' {
			what = "an array"
		}
		return api.CodeInvalidField.Problem(where, subject(where)+" must be "+what+".")
	}
	_, err := s.d.ReadToken()
	return s.problem(err)
}

// more reports whether the object or array goes on, and reads its end if it does not.
func (s *scanner) more() (bool, *api.Problem) {
	switch s.d.PeekKind() {
	case '}', ']':
		_, err := s.d.ReadToken()
		return false, s.problem(err)
	}
	return true, nil
}

// name reads a field's name. It is valid until the next read.
func (s *scanner) name() ([]byte, *api.Problem) {
	v, err := s.d.ReadValue()
	if err != nil {
		return nil, s.problem(err)
	}
	return s.unquote(v)
}

// text reads a string. It is valid until the next read.
func (s *scanner) text(field string) ([]byte, *api.Problem) {
	if k := s.d.PeekKind(); k != '"' && k != 0 {
		return nil, api.CodeInvalidField.Problem(field, field+" must be a string.")
	}
	return s.name()
}

func (s *scanner) unquote(v []byte) ([]byte, *api.Problem) {
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1], nil
	}
	var err error
	s.tmp, err = jsontext.AppendUnquote(s.tmp[:0], v)
	return s.tmp, s.problem(err)
}

// flag reads a boolean.
func (s *scanner) flag(field string) (bool, *api.Problem) {
	k := s.d.PeekKind()
	if k != 't' && k != 'f' && k != 0 {
		return false, api.CodeInvalidField.Problem(field, field+" must be true or false.")
	}
	_, err := s.d.ReadToken()
	return k == 't', s.problem(err)
}

// count reads a whole number from 0 to 2³²−1.
func (s *scanner) count(field string) (uint32, *api.Problem) {
	if k := s.d.PeekKind(); k != '0' && k != 0 {
		return 0, api.CodeInvalidField.Problem(field, field+" must be a JSON number, a whole one.")
	}
	v, err := s.d.ReadValue()
	if err != nil {
		return 0, s.problem(err)
	}
	var n uint64
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, api.CodeInvalidField.Problem(field, field+" must be a whole number without sign, point or exponent.")
		}
		if n = n*10 + uint64(c-'0'); n > 1<<32-1 {
			return 0, outOfRange(field)
		}
	}
	return uint32(n), nil
}

// quantity reads a number of contracts that an order may have.
func (s *scanner) quantity(field string) (exchange.Quantity, *api.Problem) {
	n, p := s.count(field)
	if p == nil && (n == 0 || n > uint32(exchange.MaxQuantity)) {
		p = outOfRange(field)
	}
	return exchange.Quantity(n), p
}

func outOfRange(field string) *api.Problem {
	return api.RejectProblem(exchange.RejectQuantityOutOfRange, 0, field)
}

// price reads an order's price.
func (s *scanner) price(field string) (exchange.Price, *api.Problem) {
	b, p := s.decimal(field)
	if p != nil {
		return 0, p
	}
	v, err := exchange.ParsePrice(string(b))
	if errors.Is(err, exchange.ErrDecimalRange) {
		return 0, api.RejectProblem(exchange.RejectPriceOutOfRange, 0, field)
	}
	return v, fieldError(field, err)
}

// amount reads an amount of money above 0.
func (s *scanner) amount(field string) (exchange.Money, *api.Problem) {
	b, p := s.decimal(field)
	if p != nil {
		return 0, p
	}
	v, err := exchange.ParseAmount(string(b))
	if errors.Is(err, exchange.ErrDecimalRange) {
		return 0, api.RejectProblem(exchange.RejectAmountOutOfRange, 0, field)
	}
	return v, fieldError(field, err)
}

func (s *scanner) decimal(field string) ([]byte, *api.Problem) {
	if k := s.d.PeekKind(); k != '"' && k != 0 {
		return nil, api.CodeInvalidField.Problem(field, field+` must be a string with a decimal, such as "0.62".`)
	}
	return s.text(field)
}

// id reads an identifier.
func (s *scanner) id(field string) (api.ID, *api.Problem) {
	if k := s.d.PeekKind(); k != '"' && k != 0 {
		return 0, api.CodeInvalidField.Problem(field, field+` must be a string of digits, such as "17".`)
	}
	b, p := s.text(field)
	if p != nil {
		return 0, p
	}
	id, err := api.ParseID(string(b))
	return id, fieldError(field, err)
}

// id32 reads an identifier of something that has 32 bits; a greater one does not exist.
func (s *scanner) id32(field string, notFound exchange.Reject) (api.ID, *api.Problem) {
	id, p := s.id(field)
	if p == nil && id > 1<<32-1 {
		p = api.RejectProblem(notFound, 0, field)
	}
	return id, p
}

// time reads an instant.
func (s *scanner) time(field string) (exchange.Time, *api.Problem) {
	b, p := s.text(field)
	if p != nil {
		return 0, p
	}
	t, err := api.ParseTime(string(b))
	return exchange.Time(t), fieldError(field, err)
}

// end makes sure that nothing follows.
func (s *scanner) end() *api.Problem {
	_, err := s.d.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return api.CodeMalformedJSON.Problem("", "Something follows the request's JSON value.")
	}
	return s.problem(err)
}

// unknown is the answer to a field that the request does not have.
func unknown(prefix string, name []byte) *api.Problem {
	const longest = 64
	shown := validUTF8(string(name), longest)
	return api.CodeUnknownField.Problem(prefix+shown, "There is no such field here. Names are case-sensitive.")
}

func missing(field string) *api.Problem {
	return api.CodeMissingField.Problem(field, field+" is missing.")
}

// fieldError turns an error whose text begins after the field's name into an answer; nil stays nil.
func fieldError(field string, err error) *api.Problem {
	if err == nil {
		return nil
	}
	return api.CodeInvalidField.Problem(field, field+" "+err.Error()+".")
}

// problem turns an error of the tokenizer into an answer.
func (s *scanner) problem(err error) *api.Problem {
	if err == nil {
		return nil
	}
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return api.CodeMalformedJSON.Problem("", "The body ended in the middle of a value.")
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return api.CodeDuplicateField.Problem(fieldPath(syntax.JSONPointer), "")
	}
	return api.CodeMalformedJSON.Problem("", fmt.Sprintf("The JSON is wrong at byte %d: %v.", syntax.ByteOffset, syntax.Err))
}

func subject(field string) string {
	if field == "" {
		return "The request"
	}
	return field
}

// fieldPath writes a JSON pointer as in "orders[3].price".
func fieldPath(p jsontext.Pointer) string {
	const longest = 100
	var b strings.Builder
	for token := range p.Tokens() {
		switch _, err := strconv.Atoi(token); {
		case err == nil && b.Len() > 0:
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	return validUTF8(b.String(), longest)
}
