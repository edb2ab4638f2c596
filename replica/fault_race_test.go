//go:build race

package replica

// raceDetector tells that the tests run with the race detector, which makes the large ones small.
const raceDetector = true
