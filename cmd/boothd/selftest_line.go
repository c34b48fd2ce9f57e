package main

import (
	"context"
	"fmt"

	"github.com/laoyou/laoyou/internal/audio"
	"github.com/laoyou/laoyou/internal/voip"
	"github.com/laoyou/laoyou/internal/voip/opus"
)

// checkLine names the codecs that the voice line can speak, and puts the one that is not our own code to work.
func checkLine(context.Context) (string, error) {
	codecs := voip.Spoken()
	if !opus.Available() {
		return codecs, nil
	}
	dec, err := opus.NewDecoder(opus.WideRate)
	if err != nil {
		return "", err
	}
	var mouth opus.Mouth
	said := audio.Render(-20, audio.Beat{Hz: 440, For: 10 * audio.FrameDuration})
	heard := make([]int16, audio.FrameLen)
	for len(said) >= audio.FrameLen {
		packet, err := mouth.Wide(said[:audio.FrameLen])
		if err != nil {
			return "", err
		}
		if _, err := dec.Decode(packet, heard); err != nil {
			return "", fmt.Errorf("opus: %w", err)
		}
		said = said[audio.FrameLen:]
	}
	if level := audio.RMS(heard); level < -30 {
		return "", fmt.Errorf("opus: a tone became silence (%.0f dBFS)", level)
	}
	return codecs, nil
}
