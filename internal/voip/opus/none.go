//go:build !cgo || !opus

package opus

// Available says whether the codec is built in.
func Available() bool { return false }

// Encoder makes packets of sound.
type Encoder struct{}

// NewEncoder is ErrMissing.
func NewEncoder(int, Params) (*Encoder, error) { return nil, ErrMissing }

// Encode is ErrMissing.
func (*Encoder) Encode([]int16, []byte) (int, error) { return 0, ErrMissing }

// Decoder makes sound of packets.
type Decoder struct{}

// NewDecoder is ErrMissing.
func NewDecoder(int) (*Decoder, error) { return nil, ErrMissing }

// Decode is ErrMissing.
func (*Decoder) Decode([]byte, []int16) (int, error) { return 0, ErrMissing }

// Recover is ErrMissing.
func (*Decoder) Recover([]byte, []int16) error { return ErrMissing }

// Conceal is ErrMissing.
func (*Decoder) Conceal([]int16) error { return ErrMissing }
