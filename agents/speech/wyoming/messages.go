package wyoming

// Types of event that we send or understand.
const (
	TypeDescribe   = "describe"
	TypeInfo       = "info"
	TypePing       = "ping"
	TypePong       = "pong"
	TypeError      = "error"
	TypeSynthesize = "synthesize"
	TypeAudioStart = "audio-start"
	TypeAudioChunk = "audio-chunk"
	TypeAudioStop  = "audio-stop"
)

// Info answers describe: what the engine can do.
type Info struct {
	TTS []TTSProgram `json:"tts,omitempty"`
}

// Attribution names who made a program or voice.
type Attribution struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// TTSProgram is an engine that speaks.
type TTSProgram struct {
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Attribution Attribution `json:"attribution"`
	Installed   bool        `json:"installed"`
	Version     string      `json:"version,omitempty"`
	Voices      []Voice     `json:"voices"`
}

// Voice is one voice of a TTSProgram.
type Voice struct {
	Name        string      `json:"name"`
	Description string      `json:"description,omitempty"`
	Attribution Attribution `json:"attribution"`
	Installed   bool        `json:"installed"`
	Version     string      `json:"version,omitempty"`
	Languages   []string    `json:"languages"` // ISO 639-1, perhaps with a region
}

// Synthesize asks for a text to be spoken.
type Synthesize struct {
	Text  string      `json:"text"`
	Voice *VoiceQuery `json:"voice,omitempty"`
	// Speed is our addition, ignored by engines that do not know it: 1 or absent is normal, 0.8 slower.
	Speed float64 `json:"speed,omitempty"`
}

// VoiceQuery picks a voice by name or language.
type VoiceQuery struct {
	Name     string `json:"name,omitempty"`
	Language string `json:"language,omitempty"`
}

// AudioFormat is the data of audio-start and audio-chunk.
type AudioFormat struct {
	Rate     int `json:"rate"`     // Hz
	Width    int `json:"width"`    // bytes per sample
	Channels int `json:"channels"` // interleaved
}

// Error is the data of error.
type Error struct {
	Text string `json:"text"`
	Code string `json:"code,omitempty"`
}

// Text is the data of ping and pong.
type Text struct {
	Text string `json:"text,omitempty"`
}
