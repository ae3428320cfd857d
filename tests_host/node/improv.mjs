// A page with ESP Web Tools: its button, and a serial port that leads to the test.
// MIT licence
//
// The test exposes two functions: toBoard(bytes), and fromBoard(), which gives bytes that came.

const LOOK_MS = 20;

const port = {
  readable: null,
  writable: null,
  async open() {
    let reading = true;
    this.readable = new ReadableStream({
      async pull(controller) {
        while (reading) {
          const bytes = await fromBoard();
          if (bytes.length) {
            controller.enqueue(new Uint8Array(bytes));
            return;
          }
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        }
      },
      cancel() {
        reading = false;
      },
    });
    this.writable = new WritableStream({ write: (bytes) => toBoard([...bytes]) });
  },
  async close() {
    this.readable = this.writable = null;
  },
  getInfo: () => ({}),
};
Object.defineProperty(navigator, "serial", { value: { requestPort: async () => port } });

await import("./web/install-button.js");
