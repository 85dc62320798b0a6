/** Size of a gRPC message, in bytes: the engine's own limit. */
const maximumMessage = 400 * 1024 * 1024;

export const channelOptions = {
  "grpc.max_receive_message_length": maximumMessage,
  "grpc.max_send_message_length": maximumMessage,
};
