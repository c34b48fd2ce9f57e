package media

import (
	"time"

	"github.com/laoyou/laoyou/internal/audio"
)

// Sounds are what the core plays by itself. Make them once and pass them on: composing takes some ten milliseconds.
type Sounds struct {
	Queue    Sound // somebody will come: a soft bell, with long pauses in which the citizen may go on with the bot
	Music    Sound // on hold
	Hold     Sound // the agent is gone for a moment: a short tick now and then, the line lives
	Ringback Sound // the other end rings
	Busy     Sound // nobody can answer
	Test     Sound // this is a drill: what the simulated operator plays
}

// NewSounds composes them. All of them repeat.
func NewSounds() Sounds {
	return Sounds{
		Queue:    queueBell(),
		Music:    music(),
		Hold:     network("hold", audio.Beat{Hz: holdHz, For: 60 * time.Millisecond}, audio.Beat{For: 2940 * time.Millisecond}),
		Ringback: network("ringback", audio.Beat{Hz: networkHz, For: time.Second}, audio.Beat{For: 4 * time.Second}),
		Busy:     network("busy", audio.Beat{Hz: networkHz, For: 360 * time.Millisecond}, audio.Beat{For: 360 * time.Millisecond}),
		Test: network("test",
			audio.Beat{Hz: testHz, For: 200 * time.Millisecond}, audio.Beat{For: 200 * time.Millisecond},
			audio.Beat{Hz: testHz, For: 200 * time.Millisecond}, audio.Beat{For: 200 * time.Millisecond},
			audio.Beat{Hz: testHz, For: 600 * time.Millisecond}, audio.Beat{For: 1600 * time.Millisecond}),
	}
}

const (
	networkHz = 450 // GB/T 3380 (as of 1982): tones of the Chinese network; busy is 350 ms there, here whole frames
	holdHz    = 660
	testHz    = 1000 // no operator's voice, and no tone of the network
	toneLevel = -22  // dBFS, RMS
)

// network makes a repeating Sound of beats that last whole frames.
func network(name string, beats ...audio.Beat) Sound {
	wide := audio.Render(toneLevel, beats...)
	narrow := make([]int16, len(wide)/2)
	for i := range narrow { // tones lie far below the 4 kHz that every other sample can carry: no filter needed
		narrow[i] = wide[2*i]
	}
	return encode(name, narrow).Loop()
}
