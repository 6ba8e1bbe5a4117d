/** Where runs keep their logs, relative to the project, unless the option `logs.folder` says otherwise. */
export const LOG_FOLDER = ".real-services";
