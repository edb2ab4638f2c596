package demo

import (
	"fmt"
	"time"
)

// event is a question that comes again and again, each time with the next number.
type event struct {
	question string // with %d in place of the number
	first    int    // the number at the beginning
	rules    string
	source   string // where one looks how it went
	outcomes []string
	chance   []float64 // of each outcome at the opening; of Yes and No where there are no outcomes
	lasts    time.Duration
	news     float64 // pieces of news to be expected in this time
	interest float64 // how much of the trading it draws, 1 is usual
}

func (e *event) name(number int) string { return fmt.Sprintf(e.question, number) }

// number finds the number in a question, if it is this one.
func (e *event) number(question string) (n int, ok bool) {
	_, err := fmt.Sscanf(question, e.question, &n)
	return n, err == nil && e.name(n) == question
}

func yes(chance float64) []float64 { return []float64{chance, 1 - chance} }

// catalogue is in the order in which markets are opened.
var catalogue = []event{
	{question: "Will Meridian Rovers beat Port Albany on match day %d?", first: 17, chance: yes(0.54), lasts: 22 * time.Minute, news: 4, interest: 2.2,
		rules:  "Yes if Meridian Rovers have more goals when the referee ends the match, extra time included. A draw or an abandoned match is No.",
		source: "The league's match report"},
	{question: "Who wins the governor's race in district %d?", first: 4, outcomes: []string{"Okafor", "Lindqvist", "Marchetti", "another"},
		chance: []float64{0.44, 0.35, 0.16, 0.05}, lasts: 40 * time.Minute, news: 8, interest: 2.6,
		rules:  "The candidate with the most votes in the count that the election office certifies. Whoever is not named counts as another.",
		source: "The election office's certified count"},
	{question: "Will the central bank leave its rate unchanged at meeting %d?", first: 8, chance: yes(0.71), lasts: 30 * time.Minute, news: 3, interest: 1.8,
		rules:  "Yes if the target rate after the meeting equals the one before it. Any other decision, or none, is No.",
		source: "The bank's statement after the meeting"},
	{question: "Will more than 20 mm of rain fall on the harbour on day %d?", first: 112, chance: yes(0.28), lasts: 18 * time.Minute, news: 4, interest: 1,
		rules:  "Yes if the gauge at the harbour office shows more than 20.0 mm for the day, by its first published reading.",
		source: "The harbour office's gauge"},
	{question: "Which team wins stage %d of the coast tour?", first: 9, outcomes: []string{"Alba", "Corsair", "Nordlys", "Vento", "another"},
		chance: []float64{0.31, 0.26, 0.19, 0.13, 0.11}, lasts: 26 * time.Minute, news: 6, interest: 1.3,
		rules:  "The team of the rider who is first over the line, after any decision of the jury on the same day.",
		source: "The tour's stage result"},
	{question: "Will flight %d of the Kestrel rocket reach orbit?", first: 31, chance: yes(0.83), lasts: 15 * time.Minute, news: 2, interest: 1.5,
		rules:  "Yes if its payload completes one orbit. A launch that is called off before lift-off makes the market void.",
		source: "The operator's flight report"},
	{question: "Will consumer prices rise by less than 0.3 %% in month %d?", first: 7, chance: yes(0.46), lasts: 35 * time.Minute, news: 3, interest: 1.2,
		rules:  "Yes if the first published change from the month before is 0.2 % or less, as rounded by the office.",
		source: "The statistics office's monthly release"},
	{question: "What does the assembly decide on bill %d?", first: 204, outcomes: []string{"passed", "amended", "rejected"},
		chance: []float64{0.47, 0.33, 0.20}, lasts: 32 * time.Minute, news: 5, interest: 0.9,
		rules:  "What the clerk records of the final vote of this session. Amended means passed with any change to the text as tabled.",
		source: "The clerk's record of votes"},
	{question: "Will the northern line run on time all through week %d?", first: 36, chance: yes(0.12), lasts: 20 * time.Minute, news: 3, interest: 0.6,
		rules:  "Yes if no train of the line is reported five minutes late or more between Monday and Sunday.",
		source: "The railway's punctuality page"},
	{question: "Which album is number one in chart week %d?", first: 22, outcomes: []string{"Glass Tides", "Paper Moons", "Second Harvest"},
		chance: []float64{0.5, 0.3, 0.2}, lasts: 24 * time.Minute, news: 4, interest: 0.8,
		rules:  "The album at the top of the chart when it is first published. If it is none of these, the market is void.",
		source: "The chart company's list"},
	{question: "Will the reservoir be more than half full at reading %d?", first: 58, chance: yes(0.63), lasts: 28 * time.Minute, news: 3, interest: 0.5,
		rules:  "Yes if the level that is published for the reading is above 50.0 %.",
		source: "The water company's readings"},
	{question: "Will the merger of case %d be cleared without conditions?", first: 15, chance: yes(0.36), lasts: 38 * time.Minute, news: 4, interest: 1.1,
		rules:  "Yes if the authority clears it and its decision names no remedy. Withdrawn, referred or refused is No.",
		source: "The authority's case register"},
	{question: "Will set %d of the Lakeside final go to a tie-break?", first: 2, chance: yes(0.22), lasts: 14 * time.Minute, news: 5, interest: 1.4,
		rules:  "Yes if a tie-break is begun in this set.",
		source: "The umpire's score sheet"},
	{question: "Will wind make more than half of the power in hour %d?", first: 301, chance: yes(0.41), lasts: 16 * time.Minute, news: 4, interest: 0.7,
		rules:  "Yes if wind's share of generation in the hour is above 50.0 % in the operator's first figures.",
		source: "The grid operator's figures"},
	{question: "Who is sent home in episode %d?", first: 6, outcomes: []string{"Amara", "Benedikt", "Chiyo", "Dario"},
		chance: []float64{0.38, 0.29, 0.21, 0.12}, lasts: 25 * time.Minute, news: 6, interest: 1.6,
		rules:  "Whoever leaves at the end of the episode as broadcast. If nobody or several leave, the market is void.",
		source: "The broadcaster's summary"},
	{question: "Will the ferry to the islands sail on morning %d?", first: 77, chance: yes(0.9), lasts: 17 * time.Minute, news: 2, interest: 0.5,
		rules:  "Yes if the first sailing leaves within an hour of its time.",
		source: "The ferry company's notices"},
}
