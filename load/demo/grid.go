package demo

import (
	"math"
	"slices"

	"github.com/hustings/hustings/api"
)

// Markets take prices in steps of a hundredth, and of a thousandth where that is much: near 0 and 1.
var tick = api.Tick{Step: 100, EdgeStep: 10, EdgeWidth: 500}

// grid is all prices of a market, in order. Makers think in places on it.
var grid = func() (all []api.Price) {
	for p := tick.EdgeStep; p < tick.EdgeWidth; p += tick.EdgeStep {
		all = append(all, p)
	}
	for p := tick.EdgeWidth; p <= one-tick.EdgeWidth; p += tick.Step {
		all = append(all, p)
	}
	for p := one - tick.EdgeWidth + tick.EdgeStep; p < one; p += tick.EdgeStep {
		all = append(all, p)
	}
	return all
}()

const one api.Price = 10_000

// place is where on the grid a chance lies, between two prices as a fraction. It keeps a distance from the ends, where there
// would be no room for both sides of a book.
func place(chance float64) float64 {
	const margin = 6
	p := api.Price(math.Round(chance * float64(one)))
	i, _ := slices.BinarySearch(grid, p)
	if i == 0 || i >= len(grid) {
		return min(max(float64(i), margin), float64(len(grid)-1-margin))
	}
	low, high := float64(grid[i-1]), float64(grid[i])
	at := float64(i-1) + (float64(p)-low)/(high-low)
	return min(max(at, margin), float64(len(grid)-1-margin))
}

// at is the price at a place, the nearest where there is none.
func at(place int) api.Price { return grid[min(max(place, 0), len(grid)-1)] }
