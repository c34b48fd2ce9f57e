package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Rates that a WAV or a device may have.
const (
	MinRate = 8000
	MaxRate = 48000
)

// ErrWAV says that bytes are not a WAV we take: 16-bit linear PCM, 1 to 8 channels, 8 to 48 kHz, at most the length asked for.
var ErrWAV = errors.New("not a 16-bit PCM WAV of 8 to 48 kHz")

const (
	formatPCM        = 1
	formatExtensible = 0xfffe
	maxChannels      = 8
	maxChunk         = 1 << 20 // chunks that are skipped: LIST, bext, ...
	maxChunks        = 64
	// Writers to a pipe do not know the length and put a very large one (espeak-ng: 0x7ffff000); then the data ends with the stream.
	streamLen = 0x7ffff000
)

// pcmGUID is the tail of KSDATAFORMAT_SUBTYPE_PCM; the first two bytes of the GUID are the format tag.
const pcmGUID = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"

// WAVReader reads a WAV from a stream, mixed down to mono.
type WAVReader struct {
	r        io.Reader
	rate     int
	channels int
	left     int64 // bytes of data not yet read, -1 when only the end of the stream tells
	buf      []byte
}

// NewWAVReader reads the header up to the first sample.
func NewWAVReader(r io.Reader) (*WAVReader, error) {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil || string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return nil, fmt.Errorf("%w: no RIFF header", ErrWAV)
	}
	w := &WAVReader{r: r}
	for range maxChunks {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return nil, fmt.Errorf("%w: no data chunk", ErrWAV)
		}
		size := binary.LittleEndian.Uint32(h[4:])
		switch id := string(h[:4]); id {
		case "data":
			return w, w.startData(size)
		case "fmt ":
			if err := w.readFormat(size); err != nil {
				return nil, err
			}
		default:
			if size > maxChunk {
				return nil, fmt.Errorf("%w: chunk %q of %d bytes", ErrWAV, id, size)
			}
			if _, err := io.CopyN(io.Discard, r, int64(size+size%2)); err != nil {
				return nil, fmt.Errorf("%w: chunk %q is cut off", ErrWAV, id)
			}
		}
	}
	return nil, fmt.Errorf("%w: too many chunks", ErrWAV)
}

func (w *WAVReader) readFormat(size uint32) error {
	if size < 16 || size > 128 || w.channels != 0 {
		return fmt.Errorf("%w: fmt chunk", ErrWAV)
	}
	b := make([]byte, size+size%2)
	if _, err := io.ReadFull(w.r, b); err != nil {
		return fmt.Errorf("%w: fmt chunk is cut off", ErrWAV)
	}
	tag, channels := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
	rate, bits := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint16(b[14:])
	if tag == formatExtensible && size >= 40 && string(b[26:40]) == pcmGUID {
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	switch {
	case tag != formatPCM || bits != 16:
		return fmt.Errorf("%w: format %d with %d bits", ErrWAV, tag, bits)
	case channels < 1 || channels > maxChannels || int(binary.LittleEndian.Uint16(b[12:])) != channels*2:
		return fmt.Errorf("%w: %d channels", ErrWAV, channels)
	case rate < MinRate || rate > MaxRate:
		return fmt.Errorf("%w: %d Hz", ErrWAV, rate)
	}
	w.rate, w.channels = int(rate), channels
	return nil
}

func (w *WAVReader) startData(size uint32) error {
	if w.channels == 0 {
		return fmt.Errorf("%w: data before fmt", ErrWAV)
	}
	w.left = int64(size)
	if size >= streamLen {
		w.left = -1
	} else if int(size)%(2*w.channels) != 0 {
		return fmt.Errorf("%w: %d bytes are not whole samples", ErrWAV, size)
	}
	return nil
}

// Rate is the sampling rate in Hz.
func (w *WAVReader) Rate() int { return w.rate }

// Read fills dst with mono samples. It returns io.EOF after the last one and io.ErrUnexpectedEOF when the stream ends early.
// It may return fewer samples than asked for, as soon as there are some.
func (w *WAVReader) Read(dst []int16) (int, error) {
	block := 2 * w.channels
	want := int64(len(dst)) * int64(block)
	if w.left >= 0 {
		want = min(want, w.left)
	}
	if want == 0 {
		if len(dst) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	if int64(len(w.buf)) < want {
		w.buf = make([]byte, want)
	}
	n, err := w.r.Read(w.buf[:want])
	if rest := n % block; rest != 0 { // a pipe may cut a sample in two
		var m int
		m, err = io.ReadFull(w.r, w.buf[n:n+block-rest])
		n += m
	}
	n -= n % block
	w.mono(dst, w.buf[:n])
	if w.left > 0 {
		w.left -= int64(n)
		if errors.Is(err, io.EOF) && w.left > 0 {
			err = io.ErrUnexpectedEOF
		}
	}
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil // the next Read says so
	}
	return n / block, err
}

func (w *WAVReader) mono(dst []int16, b []byte) {
	for i := range len(b) / (2 * w.channels) {
		sum := 0
		for c := range w.channels {
			sum += int(int16(binary.LittleEndian.Uint16(b[2*(i*w.channels+c):])))
		}
		dst[i] = int16(sum / w.channels)
	}
}

// ReadWAV reads a whole WAV of at most limit and returns its rate and mono samples.
func ReadWAV(r io.Reader, limit time.Duration) (rate int, samples []int16, err error) {
	w, err := NewWAVReader(r)
	if err != nil {
		return 0, nil, err
	}
	most := int(limit.Seconds() * float64(w.rate))
	buf := make([]int16, 4096)
	for {
		n, err := w.Read(buf)
		if len(samples)+n > most {
			return 0, nil, fmt.Errorf("%w: longer than %v", ErrWAV, limit)
		}
		samples = append(samples, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return w.rate, samples, nil
		}
		if err != nil {
			return 0, nil, fmt.Errorf("%w: data is cut off: %w", ErrWAV, err)
		}
	}
}

// WriteWAV writes mono samples as a 16-bit WAV.
func WriteWAV(w io.Writer, rate int, samples []int16) error {
	if rate < MinRate || rate > MaxRate || len(samples) > math.MaxInt32/4 {
		return ErrWAV
	}
	size := uint32(2 * len(samples))
	b := make([]byte, 0, 44+int(size))
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, 36+size)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, formatPCM)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(2*rate))
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	b = AppendPCM(b, samples)
	_, err := w.Write(b)
	return err
}

// AppendPCM appends samples as little-endian bytes, the form that WAV and Wyoming carry.
func AppendPCM(b []byte, samples []int16) []byte {
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}

// PCM reads little-endian bytes as samples; an odd last byte is ignored.
func PCM(b []byte) []int16 {
	s := make([]int16, len(b)/2)
	for i := range s {
		s[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return s
}
