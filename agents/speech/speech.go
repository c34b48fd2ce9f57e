// Package speech is how a bot hears and speaks. Its children are the ports (tts; later vad, asr, turn), what turns a text into words
// that can be spoken (text), and wyoming, the protocol that engines run as child processes speak: a hung engine can be killed, cgo stays
// out of the server, and any Wyoming engine of the ecosystem plugs in.
// They may import agents and internal/{audio,config,logging,id}. Nothing here logs what was said.
package speech
