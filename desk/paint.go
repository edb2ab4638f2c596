package desk

import (
	"io"
	"os"

	"golang.org/x/term"
)

// paint is a colour of text on a terminal.
type paint string

const (
	plain paint = ""
	green paint = "32" // bids, gains
	red   paint = "31" // asks, losses
	faint paint = "2"
	bold  paint = "1"
)

// screen is where a command writes.
type screen struct {
	io.Writer
	colours bool
	width   int // characters in a line; 0: any number
}

// newScreen finds out what a writer can show. NO_COLOR and TERM=dumb are heeded.
func newScreen(w io.Writer) screen {
	s := screen{Writer: w}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	s.colours = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(f.Fd())); err == nil {
		s.width = width
	}
	return s
}

// in paints a text.
func (s screen) in(p paint, text string) string {
	if !s.colours || p == plain || text == "" {
		return text
	}
	return "\x1b[" + string(p) + "m" + text + "\x1b[0m"
}

// signed is the paint of a gain or a loss.
func signed[T ~int64](amount T) paint {
	switch {
	case amount > 0:
		return green
	case amount < 0:
		return red
	}
	return plain
}
