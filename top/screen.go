package top

import (
	"context"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Show shows boards on a terminal until q is pressed or ctx ends.
func Show(ctx context.Context, w *Watcher, every time.Duration, in io.Reader, out io.Writer, coloured bool) error {
	p := tea.NewProgram(&screen{ctx: ctx, watcher: w, every: every, coloured: coloured}, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out))
	if _, err := p.Run(); ctx.Err() == nil {
		return err
	}
	return nil
}

// screen is the board and what keeps it new. One look follows the other, so a node that is slow to answer is not asked twice.
type screen struct {
	ctx           context.Context
	watcher       *Watcher
	every         time.Duration
	coloured      bool
	width, height int
	board         *Board
	err           error
}

type looked struct {
	board *Board
	err   error
}

type due struct{}

// Init implements tea.Model.
func (s *screen) Init() tea.Cmd { return s.look }

func (s *screen) look() tea.Msg {
	board, err := s.watcher.Look(s.ctx)
	return looked{board, err}
}

// Update implements tea.Model.
func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		switch msg.String() {
		case "q", "esc", "ctrl+c":
			return s, tea.Quit
		}
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case looked:
		if s.err = msg.err; msg.err == nil {
			s.board = msg.board
		}
		return s, tea.Tick(s.every, func(time.Time) tea.Msg { return due{} })
	case due:
		return s, s.look
	}
	return s, nil
}

// View implements tea.Model.
func (s *screen) View() tea.View {
	v := tea.NewView(strings.Join(s.lines(), "\n"))
	v.AltScreen = true
	v.WindowTitle = "hustings top"
	return v
}

func (s *screen) lines() []string {
	emphasise := func(text string) string { return text }
	if s.coloured {
		emphasise = func(text string) string { return "\x1b[1m" + text + "\x1b[m" }
	}
	var lines []string
	if s.err != nil {
		for line := range strings.Lines(s.err.Error()) {
			lines = append(lines, shorten("! "+strings.TrimSpace(line), max(s.width, 20)))
		}
	}
	switch {
	case s.board != nil:
		lines = append(lines, s.board.Lines(s.width, emphasise)...)
	case s.err == nil:
		lines = append(lines, "asking the nodes …")
	}
	const foot = "q: quit"
	if s.height > 1 && len(lines) > s.height-1 {
		lines = lines[:s.height-1]
	}
	return append(lines, foot)
}
