package exchange

// SetPlacement replaces the document that says where markets belong. The core keeps it and does not look into it. The
// Reply's Version is the document's own.
type SetPlacement struct {
	Version uint64 // of the document that it replaces; 0: there was none
	Data    []byte // up to MaxPart bytes
}

// CommandKind implements Command.
func (*SetPlacement) CommandKind() CommandKind { return KindSetPlacement }

// PlacementSet says where markets belong from now on.
type PlacementSet struct {
	Version uint64 // 1, 2, 3, …
	Data    []byte
}

// EventKind implements Event.
func (*PlacementSet) EventKind() EventKind { return KindPlacementSet }
