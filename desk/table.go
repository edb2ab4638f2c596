package desk

import (
	"strings"
	"unicode/utf8"
)

// column says how a table's column is drawn.
type column struct {
	title string
	right bool // aligned on the right, as numbers are
	gives bool // is shortened where the line would not fit the screen
}

type cell struct {
	text string
	paint
}

// table is drawn with its columns aligned.
type table struct {
	columns []column
	rows    [][]cell
}

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

func text(s string) cell { return cell{text: s} }

const gap = "  "

// draw returns the table's lines. A table without rows has none.
func (t *table) draw(s screen) string {
	if len(t.rows) == 0 {
		return ""
	}
	widths := t.widths(s.width)
	var b strings.Builder
	heading := make([]cell, len(t.columns))
	for i, c := range t.columns {
		heading[i] = cell{c.title, faint}
	}
	for _, row := range append([][]cell{heading}, t.rows...) {
		t.line(&b, s, row, widths)
	}
	return b.String()
}

// widths are those of the longest cells, so far as the screen has room.
func (t *table) widths(screen int) []int {
	widths := make([]int, len(t.columns))
	sum, giving := len(gap)*(len(t.columns)-1), -1
	for i, c := range t.columns {
		widths[i] = utf8.RuneCountInString(c.title)
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
		}
		if sum += widths[i]; c.gives {
			giving = i
		}
	}
	const least = 16
	if giving >= 0 && screen > 0 && sum > screen {
		widths[giving] = max(min(least, widths[giving]), widths[giving]-(sum-screen))
	}
	return widths
}

func (t *table) line(out *strings.Builder, s screen, row []cell, widths []int) {
	var b strings.Builder
	for i, c := range row {
		text := shorten(c.text, widths[i])
		space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
		switch {
		case t.columns[i].right:
			b.WriteString(space + s.in(c.paint, text))
		default:
			b.WriteString(s.in(c.paint, text) + space)
		}
		b.WriteString(gap)
	}
	out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
}

// shorten cuts a text to a number of characters and shows that it did.
func shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
