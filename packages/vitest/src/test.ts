export type { RealServices, Register, ServiceMap, ServiceName } from "./provided.ts";
export { isRealServicesEnabled } from "./worker/enabled.ts";
export { describeReal, itReal, testReal } from "./worker/real-tests.ts";
export { type Service, service } from "./worker/service.ts";
